import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { WebSocket } from 'ws'
import { VERSION } from '../../protocol/node-package.js'
import { lanAddress } from '../../signaling/origins.js'
import { type RunningServer, startServer } from '../../signaling/server.js'
import type { ServerOptions } from '../../signaling/server-options.js'
import { legAck, legFrame } from '../leg-message.js'
import { askStun } from './ask-stun.js'
import { loginText, newIdentity, newSession } from './fake-client.js'
import { realCall, WsClient } from './ws-client.js'

/** A server on a free port of this machine, and its URL. */
async function serve(t: { teardown: (fn: () => Promise<void>) => void }, options: ServerOptions = {}) {
  const server = await startServer({ host: '127.0.0.1', port: 0, ...options })
  t.teardown(() => server.close())
  return { server, url: `ws://127.0.0.1:${server.port}` }
}

/** Answers to plain HTTP. */
const get = (server: RunningServer, path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)

/** The status with which a websocket is refused, or 101. */
function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise(resolve => {
    const socket = new WebSocket(url, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_, response) => {
      socket.terminate()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', () => {})
  })
}

const frame = (seq: number, ...payload: number[]) => legFrame(seq, payload)

t.test('carries a call: login, match, pass, relay, leave', async t => {
  const { server, url } = await serve(t)
  const { a, b, callId } = await realCall(url)
  a.say({ type: 'pass', callId, data: 'aGVsbG8' })
  t.equal((await b.next('pass')).data, 'aGVsbG8')
  for (let i = 0; i < 5; i++) a.socket.send(frame(i, 42, i))
  await b.until(() => b.binary.length === 5)
  t.same(b.binary[4], Buffer.from(frame(4, 42, 4)))
  await a.until(() => a.binary.length === 1)
  t.same(a.binary[0], Buffer.from(legAck(0)), 'the server acknowledges')
  t.same(await (await get(server, '/healthz')).json(), {
    status: 'ok',
    version: VERSION,
    peers: 2,
    calls: 1,
  })
  b.say({ type: 'leave', reason: 'hungUp' })
  t.same(await a.next('left'), { type: 'left', callId, reason: 'hungUp' })
})

t.test('gives a reconnecting program its id and its call back at once', async t => {
  const { url } = await serve(t)
  const identity = newIdentity()
  const session = newSession()
  const a = await WsClient.online(url, 'a', identity, session)
  const b = await WsClient.online(url, 'b')
  a.say({ type: 'call', to: 'b' })
  b.say({ type: 'call', to: 'a' })
  const { callId } = await b.next('matched')
  const again = await WsClient.online(url, 'a', identity, session)
  t.equal((await a.untilClosed()).reason, 'replaced')
  again.say({ type: 'call', to: 'b', resume: callId })
  t.equal((await again.next('matched')).resumed, true)
  await b.next('away')
  await b.next('back')
})

t.test('refuses a second program with the same key, and a stranger', async t => {
  const { url } = await serve(t)
  const identity = newIdentity()
  await WsClient.online(url, 'a', identity)
  t.equal((await (await WsClient.online(url, 'a', identity)).next('refused')).reason, 'elsewhere')
  t.equal((await (await WsClient.online(url, 'a')).next('refused')).reason, 'taken')
})

t.test('keeps names in its state directory over a restart', async t => {
  const stateDir = t.testdir()
  const { server, url } = await serve(t, { stateDir })
  await WsClient.online(url, 'a')
  await server.close()
  const { url: later } = await serve(t, { stateDir })
  t.equal((await (await WsClient.online(later, 'a')).next('refused')).reason, 'taken')
})

t.test('tells its peers that it restarts, and rejoins their call with its memory gone', async t => {
  const { server, url } = await serve(t)
  const { a, callId } = await realCall(url)
  const closed = server.close({ restarting: true })
  const { reconnectInMs } = await a.next('restarting')
  t.ok(reconnectInMs >= 1000 && reconnectInMs <= 2000)
  t.same(await a.untilClosed(), { code: 1012, reason: 'restarting' })
  await closed
  const { url: fresh } = await serve(t)
  const c = await WsClient.online(fresh, 'a')
  const d = await WsClient.online(fresh, 'b')
  c.say({ type: 'call', to: 'b', resume: callId })
  d.say({ type: 'call', to: 'a', resume: callId })
  t.match(await c.next('matched'), { callId, resumed: true })
  t.match(await d.next('matched'), { callId, resumed: true })
})

t.test('closes although clients do not answer', async t => {
  const { server, url } = await serve(t)
  const silent = connect(server.port, '127.0.0.1')
  const half = connect(server.port, '127.0.0.1')
  half.write('GET / HTTP/1.1\r\nHost: x\r\n')
  const deaf = await WsClient.open(url)
  deaf.socket.pause()
  for (const socket of [silent, half]) socket.on('error', () => {})
  await server.close()
  deaf.socket.terminate()
  t.pass('closed')
})

t.test('answers to its public URLs and own addresses alone', async t => {
  const { url, server } = await serve(t, { publicUrls: ['wss://Voice.Example.org/'] })
  t.same(server.urls.slice(0, 2), ['wss://voice.example.org', url])
  for (const [origin, type] of [
    ['wss://voice.example.org', 'online'],
    [`ws://localhost:${server.port}`, 'online'],
    [`ws://127.0.0.1:${server.port + 1}`, 'refused'],
    ['wss://other.example.org', 'refused'],
  ] as const) {
    const client = await WsClient.open(url)
    const first = await client.next('challenge')
    client.socket.send(loginText(first.challenge, { id: `id${origin.length}`, origin }))
    await client.until(() => client.heard.length > 0)
    t.equal(client.heard[0]?.type, type, origin)
  }
})

t.test('upgrades at the root alone, and refuses pages of unknown web origins', async t => {
  const { server, url } = await serve(t, { allowedOrigins: ['https://voice.example.org'] })
  t.equal(await upgradeStatus(`${url}/other`), 404)
  t.equal(await upgradeStatus(url, { origin: 'https://evil.example.org' }), 403)
  t.equal(await upgradeStatus(url, { origin: 'null' }), 403)
  t.equal(await upgradeStatus(url, { origin: 'https://voice.example.org' }), 101)
  t.equal(await upgradeStatus(url), 101)
  t.equal((await get(server, '/')).status, 404)
  t.equal((await get(server, '/healthz?x')).status, 200)
})

/** `open`, or why the server closed a connection whose proxy, at `from`, names that client. */
function comeForwarded(t: { teardown: (fn: () => void) => void }, url: string, client: string, from?: string) {
  return new Promise<string>(resolve => {
    const headers = { 'x-forwarded-for': client }
    const socket = new WebSocket(url, { headers, ...(from !== undefined && { localAddress: from }) })
    socket.on('close', (_, reason) => resolve(reason.toString()))
    socket.on('error', () => {})
    socket.on('open', () => socket.send('{"type":"ping","n":1}'))
    socket.on('message', data => {
      if (String(data).includes('pong')) resolve('open')
    })
    t.teardown(() => socket.terminate())
  })
}

t.test('counts the client of a proxy on this machine, not the proxy', async t => {
  const { url } = await serve(t, { limits: { socketsPerAddress: 1 } })
  t.equal(await comeForwarded(t, url, '198.51.100.1'), 'open')
  t.equal(await comeForwarded(t, url, '203.0.113.9, 198.51.100.1'), 'tooMany', 'the last one is what the proxy saw')
  t.equal(await comeForwarded(t, url, '198.51.100.2'), 'open')
})

t.test('counts the client of a proxy on another machine only where it is told to trust that', async t => {
  const outside = lanAddress()
  if (outside === undefined) return void t.pass('', { skip: 'this machine has no address but its loopback' })
  const start = async (trustedProxies: string[]) => {
    const { server } = await serve(t, { host: '0.0.0.0', limits: { socketsPerAddress: 1 }, trustedProxies })
    return (client: string) => comeForwarded(t, `ws://${outside}:${server.port}`, client, outside)
  }
  const come = await start(['198.51.100.99', `${outside}/32`])
  t.equal(await come('198.51.100.1'), 'open')
  t.equal(await come('198.51.100.2'), 'open', 'another client of it')
  t.equal(await come('198.51.100.2'), 'tooMany')
  const comeUntrusted = await start(['198.51.100.99'])
  t.equal(await comeUntrusted('198.51.100.1'), 'open')
  t.equal(await comeUntrusted('198.51.100.2'), 'tooMany', 'whatever that one says')
})

t.test('names what keeps it from starting', async t => {
  const { server } = await serve(t)
  const dir = t.testdir({ file: '' })
  const cases: [string, ServerOptions][] = [
    ['portInUse', { port: server.port }],
    ['badPort', { port: 70_000 }],
    ['badPort', { port: 1.5 }],
    ['badHost', { host: '192.0.2.1' }],
    ['badPublicUrl', { publicUrls: ['voice.example.org'] }],
    ['badTrustedProxy', { trustedProxies: ['proxy.example.org'] }],
    ['badStateDir', { stateDir: `${dir}/file` }],
    ['badPort', { stunPort: 70_000 }],
    ['badTurnUrl', { turn: { urls: ['turn:voice.test'], secret: 's' } }],
    ['badTurnUrl', { turn: { urls: Array(9).fill('turn:voice.test:3478'), secret: 's' } }],
    ['badTurnSecret', { turn: { urls: ['turn:voice.test:3478'], secret: '' } }],
  ]
  for (const [name, options] of cases)
    await t.rejects(startServer({ host: '127.0.0.1', port: 0, ...options }), { name, hint: /\w/ }, name)
})

t.test('answers STUN everywhere when a proxy on this machine stands before it', async t => {
  const outside = lanAddress()
  if (outside === undefined) return void t.pass('', { skip: 'this machine has no address but its loopback' })
  const behind = await serve(t, { publicUrls: ['wss://voice.example.org'] })
  t.match((await askStun(behind.server.stunPort!, { at: outside })).seen, /:\d+$/)
  const alone = await serve(t)
  await t.rejects(
    askStun(alone.server.stunPort!, { at: outside, patienceMs: 300 }),
    'where it was told to listen on loopback',
  )
})

t.test('answers STUN at its own port number, and tells its peers', async t => {
  const { server, url } = await serve(t)
  t.equal(server.stunPort, server.port)
  for (const port of [server.stunPort!, server.otherStunPort!]) {
    const { seen, own } = await askStun(port)
    t.equal(seen, `127.0.0.1:${own}`)
  }
  const { stunPort, otherStunPort } = server
  t.not(stunPort, otherStunPort)
  const a = await WsClient.online(url, 'a')
  t.same(await a.next('ice'), { type: 'ice', stunPort, otherStunPort, turn: [] })
  await server.close()
  for (const port of [stunPort, otherStunPort]) {
    const socket = createSocket('udp4').bind(port!, '127.0.0.1')
    await once(socket, 'listening')
    socket.close()
  }
})

t.test('takes a free port for STUN where its own is taken, unless it was told which', async t => {
  const udp = createSocket('udp4').bind(0, '127.0.0.1')
  await once(udp, 'listening')
  t.teardown(() => udp.close())
  const { port } = udp.address()
  const { server } = await serve(t, { port })
  t.equal(server.port, port)
  t.ok(server.stunPort)
  t.not(server.stunPort, port)
  await server.close()
  await t.rejects(startServer({ host: '127.0.0.1', port, stunPort: port }), { name: 'stunPortInUse', hint: /off/ })
  const { server: again } = await serve(t, { port, stunPort: 0 })
  t.ok(again.stunPort, 'the refused one has given its own port back')
})

t.test('does without STUN where it is told so, and says nothing of it', async t => {
  const { server, url } = await serve(t, { stunPort: null })
  t.equal(server.stunPort, null)
  const a = await WsClient.online(url, 'a')
  a.say({ type: 'ping', n: 1 })
  await a.until(() => a.has('pong'))
  t.notOk(a.has('ice'))
})

t.test('gives its peers TURN credentials that end within the hour', async t => {
  const turn = { urls: ['turn:voice.test:3478'], secret: 'north-wind' }
  const { url } = await serve(t, { stunPort: null, turn })
  const before = Math.floor(Date.now() / 1000)
  const a = await WsClient.online(url, 'Anna')
  const ice = await a.next('ice')
  const [expiry = 0, id] = ice.turn[0]!.username.split(':')
  t.equal(id, 'anna')
  t.ok(Number(expiry) >= before + 3600 && Number(expiry) <= Date.now() / 1000 + 3600, String(expiry))
  const credential = createHmac('sha1', 'north-wind').update(`${expiry}:anna`).digest('base64')
  t.same(ice, { type: 'ice', stunPort: null, turn: [{ url: turn.urls[0], username: `${expiry}:anna`, credential }] })
})

t.test('logs what happens to whom by numbers, by ids where asked, and never a secret', async t => {
  for (const logIds of [false, true]) {
    const lines: string[] = []
    const log = (fields: object, message: string) => lines.push(JSON.stringify({ ...fields, message }))
    const { url, server } = await serve(t, {
      log: { info: log, warn: log, error: log },
      logIds,
      turn: { urls: ['turn:voice.test:3478'], secret: 'north-wind' },
    })
    const { a, b, callId } = await realCall(url, 'Anna', 'Ben')
    a.say({ type: 'pass', callId, data: 'c2VjcmV0' })
    await b.next('pass')
    t.ok((await WsClient.online(url, 'anna')).has('refused'))
    for (let i = 0; i < 100; i++) a.socket.send(frame(i, 1))
    a.say({ type: 'leave', reason: 'hungUp' })
    await b.next('left')
    await server.close()
    const text = lines.join('\n')
    const ids = logIds ? '"ids":["Anna","Ben"],' : ''
    const id = (id: string) => (logIds ? `,"id":"${id}"` : '')
    for (const line of [
      `{"connection":1${id('Anna')},"message":"online"}`,
      `{"connections":[1,2],${ids}"resumed":false,"message":"establishing connection"}`,
      `{"why":"taken","connection":3${id('anna')},"message":"refused"}`,
      `{"connections":[1,2],${ids}"why":"hungUp","dropped":{"2":{"queueFull":55,"cleared":10}},"message":"call ended"}`,
      `{"connection":2${id('Ben')},"why":"closing","message":"offline"}`,
    ])
      t.equal(lines.filter(each => each === line).length, 1, line)
    for (const name of ['Anna', 'anna', 'Ben']) t.equal(text.includes(name), logIds, name)
    for (const secret of ['c2VjcmV0', callId, '127.0.0.1"', '127.0.0.0', 'signature', 'challenge', 'north-wind'])
      t.notMatch(text, secret, secret)
  }
})
