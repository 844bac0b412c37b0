/** Commands of a program on stdin, JSON lines. */
import { MAX_VOLUME, MIN_VOLUME } from '../../../peer/audio/gain.js'
import { parseCommand } from '../../../peer/terminal/controls.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

export const target: Target = {
  files: ['peer/terminal/controls.js'],
  maxBytes: 1_000,
  samples: ['mute', 'unmute', 'confirm', 'hangup']
    .map(what => Buffer.from(JSON.stringify({ do: what })))
    .concat([10, 200, 99.5].map(percent => Buffer.from(JSON.stringify({ do: 'volume', percent })))),
  words: [...jsonWords, '"do":', '"mute"', '"volume"', '"percent":', '-0', '1e2'],
  run(input) {
    const parsed = parseCommand(new TextDecoder().decode(input))
    if (!parsed.ok) return parsed.error.name
    const wish = parsed.value
    holds(['mute', 'unmute', 'confirm', 'hangUp', 'volume'].includes(wish.type), 'is one of the commands')
    if (wish.type === 'volume')
      holds(wish.percent >= MIN_VOLUME && wish.percent <= MAX_VOLUME, 'the volume is within its bounds')
    return wish.type
  },
}
