import { connect, type Socket } from 'node:net'
import t from 'tap'
import { RelayLeg } from '../../protocol/relay-leg.js'
import type { FromServer } from '../../protocol/signaling.js'
import { startServer } from '../../signaling/server.js'
import { legAck, legFrame } from '../leg-message.js'
import { newIdentity } from './fake-client.js'
import { realCall, WsClient } from './ws-client.js'

/** What must come back: an error of this name, or the end of the connection with this reason (or code, where `ws` itself ends it). */
type Outcome = { readonly error: string } | { readonly closed: string | number }
type Case = readonly [what: string, data: string | Uint8Array, outcome: Outcome]

const error = (name: string) => ({ error: name })
const closed = (why: string | number) => ({ closed: why })
const json = JSON.stringify
const text16 = 'AAAAAAAAAAAAAAAAAAAAAA'
const text32 = 'A'.repeat(43)
const text64 = 'A'.repeat(86)

/** Good messages, to be spoiled field by field. */
const good: Record<string, Record<string, unknown>> = {
  login: { v: 1, id: 'x', key: text32, session: text16, origin: 'ws://x', signature: text64 },
  call: { to: 'x', resume: text16 },
  pass: { callId: text16, data: 'AAAA' },
  leave: { reason: 'hungUp' },
  ping: { n: 1 },
}
const spoilt = [null, true, -1, 1.5, [], {}, '', ' ', '\u0000', '🙂'.repeat(400)]

const notJson: Case[] = [
  '',
  ' ',
  'hello',
  '{',
  '}',
  '{"type":',
  '{"type":"ping","n":1',
  "{'type':'ping','n':1}",
  '{"type":"ping","n":01}',
  '{"type":"ping","n":1,}',
  '{"type":"ping","n":NaN}',
  '{"type":"ping","n":1}{"type":"ping","n":2}',
  '\u0000{"type":"ping","n":1}',
  '\ufeff{"type":"ping","n":1}',
  '<xml/>',
  'GET / HTTP/1.1\r\n\r\n',
  '[',
  '['.repeat(8000),
  `{"a":${'{"a":'.repeat(2000)}`,
  '"\\ud8',
].map((text, i) => [`text ${i} that is not JSON`, text, error('notJson')])

const notMessages: Case[] = [
  'null',
  'true',
  '0',
  '1e999',
  '"ping"',
  '[]',
  '[{"type":"ping","n":1}]',
  '{}',
  '{"type":null}',
  '{"type":1}',
  '{"type":[]}',
  '{"type":["ping"],"n":1}',
  '{"type":{"ping":1},"n":1}',
  '{"type":""}',
  '{"type":"PING","n":1}',
  '{"type":"nonsense"}',
  '{"type":"__proto__"}',
  '{"type":"constructor"}',
  '{"type":"toString"}',
  '{"__proto__":{"type":"ping","n":1}}',
  '{"constructor":{"prototype":{"type":"ping"}}}',
  '{"type":"ping","n":1,"n":"twice"}',
  '{"type":"ping","type":"leave","n":1}',
  '{"type":"online","id":"x"}',
  '{"type":"matched","callId":"AAAAAAAAAAAAAAAAAAAAAA","peer":"x","resumed":true}',
  '{"type":"restarting","reconnectInMs":0,"tryForMs":0}',
  `${'['.repeat(4000)}${']'.repeat(4000)}`,
  `{"type":"ping","n":${'['.repeat(4000)}${']'.repeat(4000)}}`,
  '{"type":"ping","n":4294967296}',
  '{"type":"ping","n":1e400}',
  '{"type":"leave","reason":"because"}',
  '{"type":"leave","reason":"__proto__"}',
  json({ type: 'call', to: 'x'.repeat(33) }),
  json({ type: 'call', to: 'x y' }),
  json({ type: 'call', to: 'x\n' }),
  json({ type: 'call', to: '../x' }),
  json({ type: 'call', to: 'ä' }),
  json({ type: 'call', to: 'а' }), // Cyrillic
  json({ type: 'call', to: 'x', resume: 'A'.repeat(21) }),
  json({ type: 'call', to: 'x', resume: 'A'.repeat(23) }),
  json({ type: 'call', to: 'x', resume: `${'A'.repeat(20)}==` }),
  json({ type: 'pass', callId: text16, data: 'AA+/' }),
  json({ type: 'pass', callId: text16, data: 'AA==' }),
  json({ type: 'pass', callId: text16, data: 'A\n' }),
  json({ type: 'pass', callId: text16, data: 'A'.repeat(11_000) }),
].map((text, i) => [`JSON ${i} that is no message: ${text.slice(0, 50)}`, text, error('badMessage')])

const badFields: Case[] = Object.entries(good).flatMap(([type, fields]) => [
  [`${type} with an unknown field`, json({ type, ...fields, extra: 1 }), error('badMessage')] as Case,
  ...Object.keys(fields).flatMap((field): Case[] => {
    const values = spoilt.filter(value => !(field === 'origin' && typeof value === 'string' && value.length < 3))
    const cases = values.map((value): Case => {
      const outcome = type === 'login' && field === 'v' && value === -1 ? 'loggedIn' : 'badMessage'
      return [
        `${type} with ${field} ${json(value).slice(0, 12)}`,
        json({ type, ...fields, [field]: value }),
        error(outcome),
      ]
    })
    const missing = json({ type, ...fields, [field]: undefined })
    return field === 'resume' ? cases : [...cases, [`${type} without ${field}`, missing, error('badMessage')]]
  }),
])

const outOfPlace: Case[] = [
  ['a second login', json({ type: 'login', ...good.login }), error('loggedIn')],
  ['a call to oneself', json({ type: 'call', to: 'HOSTILE' }), error('selfCall')],
  ['a pass outside of a call', json({ type: 'pass', ...good.pass }), error('notInCall')],
  ['a frame outside of a call', legFrame(0, [1]), error('notInCall')],
  ['an acknowledgement of nothing', legAck(0), error('badLegMessage')],
  ['an acknowledgement of the last but one', legAck(0xffff_fffe), error('badLegMessage')],
]

const legGarbage: Case[] = [
  [],
  [0],
  [1],
  [2],
  [3],
  [255],
  [1, 0],
  [1, 0, 0, 0],
  [...legFrame(0, [])],
  [2, 0, 0, 0],
  [2, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 1],
  [123, 34, 116, 34],
  Array(1206).fill(1),
  Array(16_384).fill(1),
].map((bytes, i) => [`leg garbage ${i}, ${bytes.length} bytes`, Uint8Array.from(bytes), error('badLegMessage')])

const closing: Case[] = [
  ['text of 1 MiB', 'x'.repeat(1 << 20), closed(1009)],
  ['binary of 1 MiB', new Uint8Array(1 << 20), closed(1009)],
  ['text just over the limit', ' '.repeat(16_385), closed(1009)],
]

const beforeLogin: Case[] = [
  ['binary', legFrame(0, [1]), closed('binaryBeforeLogin')],
  ['empty binary', new Uint8Array(0), closed('binaryBeforeLogin')],
  ['a call', json({ type: 'call', to: 'b' }), error('notLoggedIn')],
  ['a pass', json({ type: 'pass', ...good.pass }), error('notLoggedIn')],
  ['a leave', json({ type: 'leave', ...good.leave }), error('notLoggedIn')],
  ['a login that is none', json({ type: 'login' }), error('badMessage')],
  ['a login of another version', json({ type: 'login', v: 99, surprise: true }), closed('version')],
  ['a login from elsewhere', json({ type: 'login', ...good.login }), closed('badOrigin')],
  ['no JSON', '{', error('notJson')],
  ['text of 1 MiB', 'x'.repeat(1 << 20), closed(1009)],
]

/** The rest of a frame with one byte, masked with zeros. */
function pieceOf(byte: number): number[] {
  return [0x81, 0, 0, 0, 0, byte]
}

/** Bytes after a proper upgrade, and the close code with which `ws` answers (RFC 6455, section 7.4.1). */
const rawFrames: [string, number[], number][] = [
  ['an unmasked frame', [0x81, 0x02, 0x7b, 0x7d], 1002],
  ['a reserved bit', [0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d], 1002],
  ['an unknown opcode', [0x83, 0x80, 0, 0, 0, 0], 1002],
  ['an unknown control opcode', [0x8b, 0x80, 0, 0, 0, 0], 1002],
  ['a ping that is too long', [0x89, 0xfe, 0, 126, 0, 0, 0, 0], 1002],
  ['a ping in fragments', [0x09, 0x80, 0, 0, 0, 0], 1002],
  ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], 1002],
  ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007],
  ['a length of 2^63', [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009],
  ['a length over the limit', [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], 1009],
  [
    'a message in 65 pieces',
    [
      0x01,
      ...pieceOf(0x20),
      ...Array(64)
        .fill([0x00, ...pieceOf(0x20)])
        .flat(),
    ],
    1008,
  ],
  ['a close with a reserved code', [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed], 1002],
  ['a close with half a code', [0x88, 0x81, 0, 0, 0, 0, 3], 1002],
]

const rawHttp: [string, string, RegExp][] = [
  ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', /^HTTP\/1\.1 400/],
  [
    'an upgrade without a key',
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    /^HTTP\/1\.1 400/,
  ],
  [
    'an upgrade to something else',
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    /^HTTP\/1\.1 400/,
  ],
  [
    'an upgrade elsewhere',
    'GET /../x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    /^HTTP\/1\.1 404/,
  ],
  ['a header of 64 KiB', `GET / HTTP/1.1\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, /^HTTP\/1\.1 431/],
  ['a method that is none', 'STEAL / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 400/],
  ['a POST', 'POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', /^HTTP\/1\.1 404/],
]

const UPGRADE =
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

/** The voice of a call whose every frame must arrive, in order, while the rest of this file happens. */
async function steadyCall(url: string) {
  const { a, b } = await realCall(url, 'steadyA', 'steadyB')
  const heard: number[] = []
  const legs = [a, b].map((side, i) => {
    const leg = new RelayLeg({
      now: () => performance.now(),
      transmit: bytes => side.socket.send(bytes),
      deliver: payload => i === 1 && heard.push(payload[0]! * 256 + payload[1]!),
    })
    side.socket.on('message', (data: Buffer, isBinary: boolean) => isBinary && leg.receive(data))
    return leg
  })
  let sent = 0
  return {
    heard,
    complaints: () => [...a.heard, ...b.heard].filter(m => m.type !== 'matched' && m.type !== 'presence'),
    closed: () => a.closed ?? b.closed,
    /** Sends the next frame and waits until it is heard. */
    async frame() {
      legs[0]!.send(Uint8Array.of(sent >> 8, sent & 255))
      sent++
      await b.until(() => heard.length >= sent)
      return sent
    },
  }
}

function outcomeOf(client: WsClient, from: number, outcome: Outcome): string | number | undefined {
  if ('closed' in outcome) return typeof outcome.closed === 'number' ? client.closed?.code : client.closed?.reason
  const message: FromServer | undefined = client.heard[from]
  return message?.type === 'error' ? message.name : message?.type
}

/** Sends `data`; what came of it. */
async function attack(client: WsClient, [, data, outcome]: Case) {
  const from = client.heard.length
  client.socket.send(data)
  if ('closed' in outcome) await client.untilClosed()
  else await client.until(() => client.heard.length > from)
  return outcomeOf(client, from, outcome)
}

const expected = (outcome: Outcome) => ('closed' in outcome ? outcome.closed : outcome.error)

/** All that comes on a raw socket until it ends. */
async function drain(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  // Not once(): it would reject where the server cuts the connection off.
  await new Promise<void>(resolve => socket.once('close', () => resolve()))
  return Buffer.concat(chunks)
}

t.test('names every hostile message, while a call through the same server loses nothing', async t => {
  // The table is far denser than any client: only how much is counted, not how often it may happen.
  const limits = { messagesPerSecond: 1000, messageBurst: 10_000, framesPerSecond: 1000, frameBurst: 10_000 }
  const server = await startServer({ host: '127.0.0.1', port: 0, limits })
  t.teardown(() => server.close())
  const url = `ws://127.0.0.1:${server.port}`
  const call = await steadyCall(url)
  const halfOpen = Array.from({ length: 20 }, (_, i) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    if (i % 2) socket.write(UPGRADE.slice(0, 20 + i))
    return socket
  })
  t.teardown(() => {
    for (const socket of halfOpen) socket.destroy()
  })
  let tried = 0

  const identity = newIdentity()
  let client: WsClient | undefined
  let used = 0
  const loggedIn = async () => {
    if (!client || client.closed || used >= 18) {
      client?.socket.terminate()
      await client?.untilClosed()
      client = await WsClient.online(url, 'hostile', identity)
      used = 0
    }
    used++
    return client
  }
  for (const one of [...notJson, ...notMessages, ...badFields, ...outOfPlace, ...legGarbage, ...closing]) {
    t.equal(await attack(await loggedIn(), one), expected(one[2]), one[0])
    await call.frame()
    tried++
  }
  client?.socket.terminate()

  for (const one of beforeLogin) {
    const stranger = await WsClient.open(url)
    t.equal(await attack(stranger, one), expected(one[2]), `before login: ${one[0]}`)
    stranger.socket.terminate()
    await call.frame()
    tried++
  }

  for (const [what, bytes, code] of rawFrames) {
    const socket = connect(server.port, '127.0.0.1')
    const all = drain(socket)
    socket.write(UPGRADE)
    socket.write(Uint8Array.from(bytes))
    socket.end()
    const answer = await all
    const close = answer.lastIndexOf(0x88)
    t.equal(answer.readUInt16BE(close + 2), code, `on the wire: ${what}`)
    await call.frame()
    tried++
  }

  for (const [what, text, answer] of rawHttp) {
    const socket = connect(server.port, '127.0.0.1')
    const all = drain(socket)
    socket.write(text, 'latin1')
    t.match((await all).toString('latin1'), answer, `HTTP: ${what}`)
    await call.frame()
    tried++
  }

  t.ok(tried >= 200, `${tried} hostile messages`)
  t.same(
    call.heard,
    call.heard.map((_, i) => i),
    'each frame of the call was heard once, in order',
  )
  t.equal(call.heard.length, tried)
  t.same(call.complaints(), [])
  t.equal(call.closed(), null)
})
