/** Texts from a server, which may be malicious, as a peer reads them. */
import { isDeepStrictEqual } from 'node:util'
import { fromBase64url } from '../../../protocol/bytes.js'
import { encodeSignaling, type FromServer, MAX_MESSAGE_BYTES, parseFromServer } from '../../../protocol/signaling.js'
import { holds, type Target } from '../target.js'
import { anyJson, byteFields, jsonWords } from './signaling-from-peer.js'

const [bytes16, bytes32] = [16, 32].map(n => Buffer.alloc(n, 7).toString('base64url')) as [string, string]
const turn = { url: 'turn:turn.test:3478?transport=udp', username: '1700000000:anna', credential: 'c2VjcmV0' }

export const fromServer: readonly FromServer[] = [
  { type: 'challenge', v: 1, challenge: bytes32, server: 'test' },
  { type: 'online', id: 'Anna' },
  { type: 'ice', stunPort: 9001, otherStunPort: 9002, turn: [turn] },
  { type: 'ice', stunPort: null, turn: [] },
  { type: 'refused', reason: 'taken', message: 'no' },
  { type: 'presence', to: 'XYZ', state: 'busy' },
  { type: 'matched', callId: bytes16, peer: 'XYZ', resumed: true },
  { type: 'pass', callId: bytes16, data: 'AAEC' },
  { type: 'away', callId: bytes16 },
  { type: 'back', callId: bytes16 },
  { type: 'left', callId: bytes16, reason: 'failed' },
  { type: 'echo', peer: 'echo-1' },
  { type: 'restarting', reconnectInMs: 0, tryForMs: 3600000 },
  { type: 'pong', n: 0 },
  { type: 'error', name: 'noEcho', message: 'none' },
]

export const target: Target = {
  files: ['protocol/signaling.js', 'protocol/ice.js'],
  maxBytes: MAX_MESSAGE_BYTES + 200,
  samples: fromServer.map(message => Buffer.from(encodeSignaling(message))),
  words: [
    ...jsonWords,
    '"type":',
    ...fromServer.flatMap(message =>
      Object.entries(message).flatMap(([key, value]) => [`"${key}":`, JSON.stringify(value)]),
    ),
  ],
  make: random => {
    const message = fromServer[random.below(fromServer.length)]!
    const fields = Object.keys(message)
    return Buffer.from(JSON.stringify({ ...message, [fields[random.below(fields.length)]!]: anyJson(random) }))
  },
  run(input) {
    const text = new TextDecoder().decode(input)
    const parsed = parseFromServer(text)
    if (!parsed.ok) {
      holds(parsed.error.message.length <= 500, 'refuses in few words')
      return parsed.error.name === 'badMessage'
        ? /: (\w*)/.exec(parsed.error.message)?.[1]?.slice(0, 8)
        : parsed.error.name
    }
    const message = parsed.value
    holds(Object.getPrototypeOf(message) === Object.prototype, 'a message is a plain object')
    const said = JSON.parse(text) as Record<string, unknown>
    for (const [field, value] of Object.entries(message)) {
      if (field !== 'turn')
        holds(Object.hasOwn(said, field) && isDeepStrictEqual(said[field], value), `${field} is what was said`)
      if (byteFields[field])
        holds(fromBase64url(String(value))?.length === byteFields[field], `${field} is so many bytes`)
    }
    if (message.type === 'pass') holds(fromBase64url(message.data) !== null, 'data are bytes')
    const again = parseFromServer(encodeSignaling(message))
    holds(again.ok && encodeSignaling(again.value) === encodeSignaling(message), 'reads what it writes')
    return message.type
  },
}
