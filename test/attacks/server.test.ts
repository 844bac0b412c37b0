/** What may be tried against the server, and by a server against the peer's own socket. Real sockets, on loopback. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import type { ServerEvent } from '../../peer/call/events.js'
import { ServerLink } from '../../peer/signaling/link.js'
import { dialWebSocket } from '../../peer/signaling/websocket.js'
import { toBase64url } from '../../protocol/bytes.js'
import { MAX_MESSAGE_BYTES, parseFromPeer, parseFromServer, SIGNALING_VERSION } from '../../protocol/signaling.js'
import type { Limits } from '../../signaling/index.js'
import { startServer } from '../../signaling/server.js'
import type { ServerOptions } from '../../signaling/server-options.js'
import { turnCredentials } from '../../signaling/turn.js'
import { legFrame } from '../leg-message.js'
import { FakeSocket } from '../peer/signaling/fake-socket.js'
import { newIdentity } from '../signaling/fake-client.js'
import { world } from '../signaling/fake-world.js'
import { realCall, WsClient } from '../signaling/ws-client.js'
import { attack } from './attack.js'

async function serve(t: Test, options: Partial<ServerOptions> = {}) {
  const server = await startServer({ host: '127.0.0.1', port: 0, stunPort: null, ...options })
  t.teardown(() => server.close())
  return { server, url: `ws://127.0.0.1:${server.port}` }
}

/** A websocket frame as a client sends it (RFC 6455, section 5.2), masked with zeros. */
function frame(opcode: number, fin: boolean, payload: Uint8Array): Buffer {
  const length =
    payload.length < 126 ? Buffer.of(0x80 | payload.length) : Buffer.of(0xfe, payload.length >> 8, payload.length & 255)
  return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | opcode), length, Buffer.alloc(4), payload])
}

attack(27, 'a message of endless fragments', async t => {
  const { server } = await serve(t)
  for (const opcode of [1, 2]) {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    socket.write(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    const heard: Buffer[] = []
    socket.on('data', chunk => heard.push(chunk))
    const piece = new Uint8Array(1024).fill(0x20)
    socket.write(frame(opcode, false, piece))
    for (let n = 1; n < 64; n++) socket.write(frame(0, false, piece))
    // Who waits for the end of the message answers this ping; who has had enough closes.
    socket.write(frame(9, true, Buffer.from('still there?')))
    const answered = () => Buffer.concat(heard).includes('still there?')
    const over = new Promise<void>(resolve => socket.once('close', () => resolve()))
    const waits = new Promise<void>(resolve => socket.on('data', () => answered() && resolve()))
    await Promise.race([over, waits])
    const all = Buffer.concat(heard)
    t.notOk(answered(), 'the server waits for no more than a message may hold')
    t.equal(all.length >= 4 && all.readUInt16BE(all.lastIndexOf(0x88) + 2), 1009)
  }
})

attack(27, 'messages over the size limit', async t => {
  const { url } = await serve(t)
  for (const bytes of [MAX_MESSAGE_BYTES + 1, 1 << 20]) {
    const client = await WsClient.online(url, `big-${bytes}`)
    client.socket.send(new Uint8Array(bytes))
    t.equal((await client.untilClosed()).code, 1009, `${bytes} bytes`)
  }
})

attack(27, 'far more messages, frames, bytes and pings than a call needs', async t => {
  const { call, online } = world()
  const { a, b } = call()
  for (let n = 0; n < 100; n++) a.say({ type: 'ping', n })
  t.equal(a.closed, 'tooManyMessages')
  for (let n = 0; n < 400; n++) b.raw(legFrame(n, [1]))
  t.equal(b.closed, 'flood', 'frames')
  const c = online('c').say({ type: 'call', to: 'd' })
  online('d').say({ type: 'call', to: 'c' })
  for (let n = 0; n < 120; n++) c.raw(legFrame(n, new Uint8Array(1190)))
  t.equal(c.closed, 'flood', 'bytes')
  const e = online('e')
  for (let n = 0; n < 100; n++) e.socket.onPing?.()
  t.equal(e.closed, 'tooManyMessages', 'pings of the websocket')
  const f = online('f')
  for (let n = 0; n < 30; n++) f.raw('{')
  t.equal(f.closed, 'tooManyErrors')
})

attack(27, 'a server sends a peer what is too large', async t => {
  const hostile = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.teardown(() => hostile.close())
  await once(hostile, 'listening')
  hostile.on('connection', socket => socket.send(new Uint8Array(1 << 20)))
  const { port } = hostile.address() as { port: number }
  const socket = dialWebSocket(`ws://127.0.0.1:${port}`)
  const came = await new Promise<string>(resolve => {
    socket.onMessage = data => resolve(`${data.length} bytes came`)
    socket.onClose = code => resolve(`closed ${code}`)
  })
  socket.terminate()
  t.match(came, /^closed/)
})

attack(29, 'one side of a call stops reading', async t => {
  const limits: Partial<Limits> = { messagesPerSecond: 1e6, messageBurst: 1e6 }
  const { url } = await serve(t, { limits })
  const { a, b, callId } = await realCall(url)
  b.socket.pause()
  // More than the systems' own buffers hold, so that it comes to lie in the server.
  const data = 'A'.repeat(10_000)
  for (let n = 0; n < 3_000 && !a.has('away'); n++) {
    a.say({ type: 'pass', callId, data })
    if (n % 50 === 49) {
      a.say({ type: 'ping', n })
      await a.until(() => a.heard.some(m => m.type === 'pong' && m.n === n))
    }
  }
  t.ok(a.has('away'), 'it is cut off')
  a.socket.terminate()
  b.socket.terminate()
})

attack(29, 'one side of a call acknowledges nothing', async t => {
  const { call, hub, clock } = world()
  const { a, b } = call()
  b.leg.receive = () => ({ ok: true, value: undefined })
  for (let n = 0; n < 500; n++) {
    a.leg.send(Uint8Array.of(n >> 8, n & 255))
    clock.advance(20)
    if ((hub.backlog.relayQueue ?? 0) > 10) return t.fail(`${hub.backlog.relayQueue} frames wait`)
  }
  const [newest] = b.binary.slice(-1)
  const behind = 499 - ((newest![5]! << 8) | newest![6]!)
  t.ok(behind < 150, `what it gets in the end is ${behind} frames old, not from the beginning`)
})

/** The status of the answer to an upgrade with these headers. */
function upgrade(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers })
  return new Promise(resolve => {
    socket.on('error', () => {})
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0)
      response.resume()
    })
  })
}

attack(30, 'a page of another site opens a websocket from the browser of someone', async t => {
  const { url } = await serve(t, { allowedOrigins: ['https://voice.example.org'] })
  for (const origin of [
    'https://evil.example.org',
    'null',
    'http://voice.example.org',
    'https://voice.example.org.evil.example',
    '',
  ])
    t.equal(await upgrade(url, { origin }), 403, origin || 'empty')
  t.equal(await upgrade(url, { origin: 'https://voice.example.org' }), 101)
  t.equal(await upgrade(url, {}), 101, 'a program that is no browser')
})

attack(31, 'fields and types named __proto__, and fields that come twice', async t => {
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    t.notOk(parseFromPeer(`{"type":"ping","n":1,"${name}":{"polluted":true}}`).ok, `a field ${name}`)
    t.notOk(parseFromPeer(`{"type":"${name}"}`).ok, `a type ${name}`)
    t.notOk(parseFromPeer(`{"${name}":{"type":"ping","n":1}}`).ok)
    t.strictSame(parseFromServer(`{"type":"pong","n":1,"${name}":{"polluted":true}}`), {
      ok: true,
      value: { type: 'pong', n: 1 },
    })
  }
  t.notOk('polluted' in {}, 'nothing was polluted')
  t.notOk(parseFromPeer('{"type":"ping","n":1,"n":"two"}').ok, 'the field that counts is the one that is checked')
  const { call } = world()
  const { a, b, callId } = call()
  a.raw(`{"type":"pass","callId":"${callId}","data":"AAAA","data":"BBBB"}`)
  t.same(b.last('pass'), { type: 'pass', callId, data: 'BBBB' }, 'what goes on is written anew')
})

attack(31, 'people named __proto__ and constructor', async t => {
  const { online, client } = world()
  const a = online('__proto__').say({ type: 'call', to: 'constructor' })
  const b = online('constructor').say({ type: 'call', to: '__proto__' })
  t.match(a.last('matched'), { peer: 'constructor', callId: b.last('matched')?.callId ?? 'the same' })
  t.match(client().login({ id: '__PROTO__' }).news(), ['challenge', 'refused taken'])
  const c = online('c').say({ type: 'call', to: 'toString' })
  t.same(c.last('presence'), { type: 'presence', to: 'toString', state: 'absent' })
})

attack(33, 'frames before the login, without a call, and to someone who is in another call', async t => {
  const { client, online, call } = world()
  const frame = legFrame(0, [7])
  t.equal(client().raw(frame).closed, 'binaryBeforeLogin')
  const free = online('free')
  const wisher = online('mallory').say({ type: 'call', to: 'free' })
  t.match(wisher.raw(frame).news(), ['challenge', 'online', 'presence', 'error notInCall'])
  t.same([free.voice, free.binary], [[], []])
  const { a, b } = call()
  wisher.say({ type: 'call', to: 'a' })
  wisher.news()
  t.match(wisher.raw(frame).news(), ['error notInCall'])
  t.same([a.binary, b.binary], [[], []])
  a.say({ type: 'leave', reason: 'hungUp' })
  const [heard] = [b.binary.length]
  for (let n = 0; n < 10; n++) a.raw(frame)
  t.equal(b.binary.length, heard, 'nothing goes on after the call')
})

attack(36, 'credentials of a TURN server are kept for later, made to last, or made up', async t => {
  const secret = 'north-wind-over-water'
  const now = 1_767_225_600_000
  /** As coturn decides with use-auth-secret; test/system/coturn.test.ts asks a real one. */
  const takes = ({ username, credential }: { username: string; credential: string }, at: number) =>
    credential === createHmac('sha1', secret).update(username).digest('base64') &&
    Number(username.split(':')[0]) > at / 1000
  for (const lifetime of [60_000, 3_600_000, 24 * 3_600_000]) {
    const given = turnCredentials(secret, 'anna', now, lifetime)
    t.ok(takes(given, now))
    t.notOk(takes(given, now + Math.min(lifetime, 3_600_000)), `given for ${lifetime} ms, good for an hour at most`)
    const [expiry, id] = given.username.split(':')
    t.notOk(takes({ ...given, username: `${Number(expiry) + 86_400}:${id}` }, now), 'made to last longer')
    t.notOk(takes({ ...given, username: `${expiry}:ben` }, now), "someone else's")
  }
  t.notOk(takes(turnCredentials('guess', 'anna', now), now), 'of another secret')
})

attack(40, 'it names hosts of the private network, hosts without TLS, and one of its own', async t => {
  const sockets: FakeSocket[] = []
  const told: ServerEvent[] = []
  const link = new ServerLink(
    {
      dial: () => sockets[sockets.push(new FakeSocket()) - 1]!,
      origin: 'wss://voice.example.org',
      id: 'Abc',
      identity: newIdentity(),
      session: new Uint8Array(16),
      invitation: 'ticket',
      now: () => 0,
    },
    event => told.push(event),
  )
  const challenge = { type: 'challenge', v: SIGNALING_VERSION, challenge: toBase64url(new Uint8Array(32)), server: 'x' }
  const login = (url?: string) => {
    link.command({ type: 'dial', attempt: sockets.length + 1, ...(url !== undefined && { url }) })
    sockets.at(-1)!.say(challenge)
    return sockets.at(-1)!.takeTexts()[0]
  }
  t.match(login(), { origin: 'wss://voice.example.org', invitation: 'ticket' })
  sockets[0]!.say({ type: 'online', id: 'Abc' })
  link.command({ type: 'adopt', attempt: 1 })
  told.length = 0
  const inside = [
    'wss://192.168.1.1',
    'wss://127.0.0.1:9001',
    'wss://localhost',
    'wss://[fd00::1]',
    'wss://169.254.169.254',
  ]
  const bad = [
    ...inside,
    'ws://voice.example.org',
    'ws://192.0.2.7:9001',
    'https://voice.example.org',
    'wss://u:p@x.test',
  ]
  for (const url of bad) sockets[0]!.say({ type: 'move', url })
  sockets[0]!.say({ type: 'servers', urls: bad.slice(0, 8) })
  t.same(told, [{ type: 'server.servers', urls: [] }], 'nobody goes there')
  const mallory = login('wss://mallory.test')
  t.equal(mallory?.origin, 'wss://mallory.test', 'what is signed is good for that host alone')
  t.equal(mallory?.invitation, undefined)
})
