import t from 'tap'
import { MAX_VOLUME, MIN_VOLUME } from '../../../peer/audio/gain.js'
import type { Wish } from '../../../peer/terminal/controls.js'
import { Keyboard } from '../../../peer/terminal/keyboard.js'
import { VirtualClock } from '../../virtual-clock.js'

function keyboard(muted = false) {
  const clock = new VirtualClock()
  const state = { muted, volume: 100 }
  const wishes: Wish[] = []
  const notes: string[] = []
  const it = new Keyboard({
    context: () => state,
    wish: wish => {
      wishes.push(wish)
      if (wish.type === 'mute' || wish.type === 'unmute') state.muted = wish.type === 'mute'
      if (wish.type === 'volume') state.volume = wish.percent
    },
    note: line => notes.push(line),
    now: () => clock.now(),
    later: (ms, run) => {
      const timer = clock.setTimeout(run, ms)
      return () => clock.clearTimeout(timer)
    },
  })
  return { it, clock, state, wishes, notes }
}

t.test('the space bar talks while it is held, and toggles when it is tapped', async t => {
  const { it, clock, state, wishes } = keyboard(true)
  it.press(' ')
  t.equal(state.muted, false, 'tapped')
  clock.advance(5_000)
  t.equal(state.muted, false)
  it.press(' ')
  t.equal(state.muted, true, 'tapped again')
  clock.advance(5_000)
  it.press(' ')
  clock.advance(500)
  for (let n = 0; n < 60; n++) {
    it.press(' ')
    clock.advance(33)
  }
  t.equal(state.muted, false, 'held')
  clock.advance(249 - 33)
  t.equal(state.muted, false)
  clock.advance(2)
  t.equal(state.muted, true, 'let go')
  t.ok(wishes.length <= 8, `${wishes.length} changes: it does not flap`)
})

t.test('nothing changes any more when it is closed', async t => {
  const { it, clock, state } = keyboard(true)
  for (let n = 0; n < 5; n++) it.press(' ')
  t.equal(state.muted, false)
  it.close()
  clock.advance(1_000)
  t.equal(state.muted, false)
})

t.test('plus and minus set the volume, between its ends', async t => {
  const { it, state } = keyboard()
  it.press('+')
  t.equal(state.volume, 110)
  for (let n = 0; n < 30; n++) it.press('=')
  t.equal(state.volume, MAX_VOLUME)
  for (let n = 0; n < 30; n++) it.press('-')
  t.equal(state.volume, MIN_VOLUME)
})

t.test('tells its keys, and ignores others', async t => {
  const { it, wishes, notes } = keyboard()
  it.press('?')
  t.match(notes.join(' '), /m mutes.*space bar.*\+ and -.*v: .*q hangs up/)
  for (const key of ['x', '\r', 'é', '漢']) it.press(key)
  t.same(wishes, [])
})
