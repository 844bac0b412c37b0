/** The server's file of names. */
import { StateFile } from '../../../protocol/node-state-file.js'
import { Names, type SavedNames, savedNames } from '../../../signaling/names.js'
import { readState } from '../state.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

const key = Buffer.alloc(32, 7).toString('base64url')
const saved = (...names: unknown[]) => Buffer.from(JSON.stringify({ version: 1, names }))
const file = new StateFile<SavedNames>('names.json', savedNames, '')
const MOST = 4

export const target: Target = {
  files: ['signaling/names.js'],
  maxBytes: 2_000,
  samples: [
    saved(),
    saved(['abc', key, 20_000]),
    saved(['abc', key, 20_000], ['ABC', key, 1], ['__proto__', key, 0]),
    saved(...Array.from({ length: MOST + 2 }, (_, i) => [`n${i}`, key, i])),
  ],
  words: [...jsonWords, '"version":1', '"names":', key, `["xyz","${key}",3]`, '1e308'],
  run(input) {
    const read = readState(file, input)
    if ('damaged' in read) return read.damaged
    const names = new Names(MOST)
    names.load(read.value)
    const again = new Names(MOST)
    again.load(file.parse(Buffer.from(JSON.stringify(names.save()))))
    holds(again.size === names.size, 'reads what it writes')
    holds(JSON.stringify(again.save()) === JSON.stringify(names.save()), 'keeps what it read')
    const claim = names.claim('abc', key, 20_000 * 86_400_000)
    return `${claim} ${Math.min(names.size, 3)}`
  },
}
