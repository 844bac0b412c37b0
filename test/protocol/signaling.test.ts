import t from 'tap'
import {
  encodeSignaling,
  type FromPeer,
  type FromServer,
  leaveReasons,
  MAX_MESSAGE_BYTES,
  MAX_PASS_BYTES,
  parseFromPeer,
  parseFromServer,
  refusals,
  SIGNALING_VERSION,
} from '../../protocol/signaling.js'

const [b16, b32, b64] = ['A'.repeat(22), `${'B'.repeat(42)}A`, `${'C'.repeat(85)}A`]
const login: FromPeer = {
  type: 'login',
  v: SIGNALING_VERSION,
  id: 'ABC',
  key: b32,
  session: b16,
  origin: 'ws://localhost:9001',
  signature: b64,
}

const FROM_PEER: readonly FromPeer[] = [
  login,
  { type: 'call', to: 'XYZ' },
  { type: 'call', to: 'XYZ', resume: b16 },
  { type: 'pass', callId: b16, data: 'AA' },
  ...leaveReasons.map(reason => ({ type: 'leave', reason }) as const),
  { type: 'echo' },
  { type: 'ping', n: 0xffffffff },
]
const FROM_SERVER: readonly FromServer[] = [
  { type: 'challenge', v: 1, challenge: b32, server: 'voicechat 0.1.0' },
  { type: 'online', id: 'ABC' },
  { type: 'ice', stunPort: 9001, turn: [] },
  { type: 'ice', stunPort: 9001, otherStunPort: 9002, turn: [] },
  { type: 'ice', stunPort: null, turn: [{ url: 'turn:voice.test:3478', username: '1:abc', credential: 'AA==' }] },
  ...refusals.map(reason => ({ type: 'refused', reason, message: 'No.' }) as const),
  { type: 'presence', to: 'XYZ', state: 'absent' },
  { type: 'presence', to: 'XYZ', state: 'busy' },
  { type: 'matched', callId: b16, peer: 'XYZ', resumed: false },
  { type: 'pass', callId: b16, data: 'AA' },
  { type: 'away', callId: b16 },
  { type: 'back', callId: b16 },
  ...leaveReasons.map(reason => ({ type: 'left', callId: b16, reason }) as const),
  { type: 'echo', peer: 'echo-1' },
  { type: 'restarting', reconnectInMs: 100, tryForMs: 30_000 },
  { type: 'pong', n: 7 },
  { type: 'error', name: 'badMessage', message: 'No.' },
]

t.test('reads back each message that it wrote', async t => {
  for (const message of FROM_PEER) t.strictSame(parseFromPeer(encodeSignaling(message)), { ok: true, value: message })
  for (const message of FROM_SERVER)
    t.strictSame(parseFromServer(encodeSignaling(message)), { ok: true, value: message })
})

t.test('refuses each message with a field missing, except what may be left out', async t => {
  for (const message of FROM_PEER)
    for (const key of Object.keys(message)) {
      if (key === 'resume') continue
      const { [key as 'type']: _, ...rest } = message
      t.match(
        parseFromPeer(JSON.stringify(rest)),
        { ok: false, error: { name: 'badMessage' } },
        `${message.type} ${key}`,
      )
    }
  for (const message of FROM_SERVER)
    for (const key of Object.keys(message)) {
      if (key === 'otherStunPort') continue
      const { [key as 'type']: _, ...rest } = message
      t.notOk(parseFromServer(JSON.stringify(rest)).ok, `${message.type} without ${key}`)
    }
})

t.test('refuses each field of another type', async t => {
  for (const message of FROM_PEER)
    for (const key of Object.keys(message))
      for (const value of [null, true, 1.5, [], {}, 'é'])
        if (
          parseFromPeer(JSON.stringify({ ...message, [key]: value })).ok &&
          !(key === 'origin' && typeof value === 'string')
        )
          t.fail(`${message.type}.${key}: ${JSON.stringify(value)}`)
})

t.test('refuses fields that it does not know from a peer, and ignores them from a server', async t => {
  t.match(parseFromPeer('{"type":"ping","n":1,"x":1}'), { ok: false, error: { name: 'badMessage' } })
  t.strictSame(parseFromServer('{"type":"pong","n":1,"x":1}'), { ok: true, value: { type: 'pong', n: 1 } })
})

t.test('takes nothing from an object that names __proto__ or constructor', async t => {
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    t.notOk(parseFromPeer(`{"type":"ping","${name}":{"n":1}}`).ok, name)
    const read = parseFromServer(`{"type":"pong","n":1,"${name}":{"polluted":true}}`)
    t.strictSame(read, { ok: true, value: { type: 'pong', n: 1 } }, name)
  }
  t.notOk('polluted' in {})
  t.ok(parseFromPeer('{"type":"call","to":"__proto__"}').ok, 'it is an id like any other')
})

t.test('says by name what is too long, not JSON, or not a message', async t => {
  t.match(parseFromPeer(' '.repeat(MAX_MESSAGE_BYTES + 1)), { ok: false, error: { name: 'tooLong' } })
  for (const text of ['', '{', 'hello', '{"type":"ping","n":1}}', "{'type':1}", '\0'])
    t.match(parseFromPeer(text), { ok: false, error: { name: 'notJson' } }, JSON.stringify(text))
  for (const text of [
    'null',
    '1',
    '"ping"',
    '[]',
    '{}',
    '{"type":"nonsense"}',
    '{"type":["ping"],"n":1}',
    '{"type":"pong","n":1}',
  ])
    t.match(parseFromPeer(text), { ok: false, error: { name: 'badMessage', message: /^.{1,500}$/ } }, text)
})

t.test('limits a pass to its size', async t => {
  const chars = Math.ceil((MAX_PASS_BYTES * 4) / 3)
  const pass = (length: number) =>
    parseFromPeer(encodeSignaling({ type: 'pass', callId: b16, data: 'A'.repeat(length) }))
  t.ok(pass(chars).ok)
  t.notOk(pass(chars + 1).ok)
})

t.test('does not repeat in its message what a stranger sent', async t => {
  const read = parseFromPeer(JSON.stringify({ ...login, id: '<script>secret</script>' }))
  t.notMatch(JSON.stringify(read), /secret/)
})

t.test('takes bytes in the one text that they have, so that both ends of a call mean the same', async t => {
  for (const callId of [
    '0'.repeat(22),
    `${'A'.repeat(21)}B`,
    'A'.repeat(21),
    `${'A'.repeat(22)}==`,
    `${'A'.repeat(21)}+`,
  ]) {
    t.match(parseFromServer(JSON.stringify({ type: 'away', callId })), { ok: false, error: { name: 'badMessage' } })
    t.match(parseFromPeer(JSON.stringify({ type: 'call', to: 'XYZ', resume: callId })), { ok: false })
  }
  for (const data of ['A', 'AB', 'AAAB\n', 'AA=='])
    t.match(parseFromPeer(JSON.stringify({ type: 'pass', callId: b16, data })), { ok: false }, JSON.stringify(data))
})
