/** What a terminal sends, from keys and from whatever is pasted. */
import { MAX_VOLUME, MIN_VOLUME } from '../../../peer/audio/gain.js'
import { keysIn, type Wish } from '../../../peer/terminal/controls.js'
import { Keyboard } from '../../../peer/terminal/keyboard.js'
import { holds, type Target } from '../target.js'

const NAMES = ['mute', 'unmute', 'confirm', 'hangUp', 'volume']

export const target: Target = {
  files: ['controls', 'keyboard', 'held-key'].map(file => `peer/terminal/${file}.js`),
  maxBytes: 400,
  samples: [
    'm',
    ' ',
    '     ',
    '+++++++++++++++++++',
    '-----------------',
    'vV?',
    'q',
    '\x03',
    '\x1b[A',
    '\x1bOP',
    '\x1b[1;5Dm',
    '\x1b',
    '\x1bm',
  ].map(text => Buffer.from(text)),
  words: ['\x1b', '\x1b[', '\x1b[200~', '\x1bO', ' ', 'm', '😀', '\x04', '\r'],
  run(input) {
    const text = Buffer.from(input).toString('utf8')
    const keys = keysIn(text)
    holds(keys.length <= text.length, 'no key comes of nothing')
    // An escape that is the last of all may be the key itself, or begin what has not come yet.
    holds(!keys.slice(0, -1).includes('\x1b[A'), 'a key is one character')
    const context = { muted: false, volume: 100 }
    const words = new Set<string>()
    let now = 1_000
    let release: (() => void) | null = null
    const keyboard = new Keyboard({
      context: () => context,
      wish: (wish: Wish) => {
        holds(NAMES.includes(wish.type), 'wishes what there is')
        words.add(wish.type)
        if (wish.type === 'mute') context.muted = true
        if (wish.type === 'unmute') context.muted = false
        if (wish.type === 'volume') context.volume = wish.percent
        holds(context.volume >= MIN_VOLUME && context.volume <= MAX_VOLUME, 'the volume stays within its bounds')
      },
      note: () => {},
      now: () => now,
      later: (_ms, run) => {
        holds(release === null, 'waits for one release at a time')
        release = run
        return () => {
          release = null
        }
      },
    })
    const fire = () => {
      const run = release
      release = null
      run?.()
    }
    for (const [i, key] of keys.entries()) {
      now += (input[i % input.length]! * 3) % 400
      if (input[i % input.length]! % 7 === 0) fire()
      keyboard.press(key)
    }
    const heldDown = release !== null
    fire()
    keyboard.close()
    return `${heldDown} ${[...words].sort().join(' ')}`
  },
}
