/** Texts from a peer, as the server reads them. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { fromBase64url } from '../../../protocol/bytes.js'
import { encodeSignaling, type FromPeer, MAX_MESSAGE_BYTES, parseFromPeer } from '../../../protocol/signaling.js'
import type { SeededRandom } from '../../simulation/seeded-random.js'
import { holds, type Target } from '../target.js'

const [bytes16, bytes32, bytes64] = [16, 32, 64].map(n => Buffer.alloc(n, 7).toString('base64url')) as [
  string,
  string,
  string,
]

export const fromPeer: readonly FromPeer[] = [
  {
    type: 'login',
    v: 1,
    id: 'Anna',
    key: bytes32,
    session: bytes16,
    origin: 'ws://server.test:9001',
    signature: bytes64,
  },
  { type: 'call', to: 'XYZ' },
  { type: 'call', to: 'XYZ', resume: bytes16 },
  { type: 'pass', callId: bytes16, data: 'AAEC' },
  { type: 'leave', reason: 'hungUp' },
  { type: 'echo' },
  { type: 'ping', n: 4294967295 },
]

/** Lengths of the fields that are bytes. */
export const byteFields: Readonly<Record<string, number>> = {
  key: 32,
  session: 16,
  signature: 64,
  challenge: 32,
  callId: 16,
  resume: 16,
}

export const jsonWords = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  'true',
  '1e400',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '"constructor":',
  '"toString":',
]

/** Any JSON value, by fast-check. */
export function anyJson(random: SeededRandom): unknown {
  return fc.sample(fc.jsonValue(), { seed: random.below(2 ** 31), numRuns: 1 })[0]
}

function anyName(random: SeededRandom): string {
  return ['__proto__', 'constructor', 'toString', 'type', 'x'][random.below(5)]!
}

export const target: Target = {
  files: ['protocol/signaling.js'],
  maxBytes: MAX_MESSAGE_BYTES + 200,
  samples: fromPeer.map(message => Buffer.from(encodeSignaling(message))),
  words: [
    ...jsonWords,
    '"type":',
    ...fromPeer.flatMap(message =>
      Object.entries(message).flatMap(([key, value]) => [`"${key}":`, JSON.stringify(value)]),
    ),
  ],
  // A message of which one field is any JSON at all.
  make: random => {
    const message = fromPeer[random.below(fromPeer.length)]!
    const fields = Object.keys(message)
    const field = random.chance(0.8) ? fields[random.below(fields.length)]! : anyName(random)
    return Buffer.from(JSON.stringify({ ...message, [field]: anyJson(random) }))
  },
  run(input) {
    const text = new TextDecoder().decode(input)
    const parsed = parseFromPeer(text)
    if (!parsed.ok) {
      holds(parsed.error.message.length <= 500, 'refuses in few words')
      holds((parsed.error.name === 'tooLong') === text.length > MAX_MESSAGE_BYTES, 'refuses what is too long, as such')
      return parsed.error.name === 'badMessage'
        ? /: (\w*)/.exec(parsed.error.message)?.[1]?.slice(0, 8)
        : parsed.error.name
    }
    const message = parsed.value
    // Strict: nothing was left out, and what has two fields of a name is what JSON says it is.
    holds(isDeepStrictEqual(JSON.parse(text), message), 'takes a message whole or not at all')
    // As text: JSON has -0, and writes 0.
    const again = parseFromPeer(encodeSignaling(message))
    holds(again.ok && encodeSignaling(again.value) === encodeSignaling(message), 'reads what it writes')
    for (const [field, value] of Object.entries(message))
      if (byteFields[field])
        holds(fromBase64url(String(value))?.length === byteFields[field], `${field} is so many bytes`)
    if (message.type === 'pass') holds(fromBase64url(message.data) !== null, 'data are bytes')
    return message.type
  },
}
