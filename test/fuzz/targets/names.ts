/** The server's file of names. */
import { isDeepStrictEqual } from 'node:util'
import { Names } from '../../../signaling/names.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

const key = Buffer.alloc(32, 7).toString('base64url')
const saved = (...names: unknown[]) => Buffer.from(JSON.stringify({ version: 1, names }))
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
    const names = new Names(MOST)
    const loaded = names.load(new TextDecoder().decode(input))
    if (!loaded.ok) {
      holds(names.size === 0, 'what is damaged changes nothing')
      return loaded.error.message
    }
    const again = new Names(MOST)
    holds(again.load(names.save()).ok && again.size === names.size, 'reads what it writes')
    holds(isDeepStrictEqual(JSON.parse(again.save()), JSON.parse(names.save())), 'keeps what it read')
    const claim = names.claim('abc', key, 20_000 * 86_400_000)
    return `${claim} ${Math.min(names.size, 3)}`
  },
}
