import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { Door } from '../../signaling/door.js'
import { defaultLimits, type Limits } from '../../signaling/limits.js'
import { silent } from '../../signaling/log.js'
import { startServer } from '../../signaling/server.js'
import { ServerTls } from '../../signaling/server-tls.js'
import { selfSigned } from '../lab/authority.js'

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
const UPGRADE =
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

async function serve(t: Test, limits: Partial<Limits> = {}) {
  const server = await startServer({ host: '127.0.0.1', port: 0, stunPort: null, limits })
  t.teardown(() => server.close())
  const dial = (from = '127.0.0.1') => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: from })
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    return socket
  }
  return { server, dial }
}

/** All that comes until the other side ends it. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  await new Promise<void>(resolve => socket.once('close', () => resolve()))
  return text
}

const answers = (text: string) => text.match(/HTTP\/1\.1 \d+/g) ?? []

t.test('hears one request of a connection, however many are sent', async t => {
  const { dial } = await serve(t)
  const socket = dial()
  socket.write(HEALTH.repeat(500))
  t.same(answers(await heard(socket)), ['HTTP/1.1 200'])
  const patient = dial()
  patient.write(HEALTH)
  patient.once('data', () => patient.write(HEALTH))
  t.same(answers(await heard(patient)), ['HTTP/1.1 200'])
})

t.test('does so too for requests that Node answers by itself', async t => {
  const { dial } = await serve(t)
  for (const [request, status] of [
    ['GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n', '404'],
    ['GET / HTTP/1.1\r\n\r\n', '400'],
    ['GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n', '100'],
    ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', '404'],
  ] as const) {
    const socket = dial()
    socket.write(request.repeat(50))
    const all = answers(await heard(socket))
    t.equal(all[0], `HTTP/1.1 ${status}`, request)
    t.ok(all.length <= 2, `${all}`)
  }
})

t.test('takes a head in pieces, and what comes right behind it', async t => {
  const { dial } = await serve(t)
  const slow = dial()
  for (const byte of HEALTH) {
    slow.write(byte)
    await new Promise(resolve => setImmediate(resolve))
  }
  t.match(await heard(slow), /^HTTP\/1\.1 200 .*"status":"ok"/s)
  const quick = dial()
  // A ping, masked with zeros, in the same packet: its pong comes back.
  quick.write(Buffer.concat([Buffer.from(UPGRADE), Buffer.of(0x89, 0x82, 0, 0, 0, 0, 0x68, 0x69)]))
  const seen: Buffer[] = []
  await new Promise<void>(resolve =>
    quick.on('data', data => {
      seen.push(data)
      if (Buffer.concat(seen).includes(Buffer.of(0x8a, 2, 0x68, 0x69))) resolve()
    }),
  )
  t.match(Buffer.concat(seen).toString('latin1'), /^HTTP\/1\.1 101 .*"type":"challenge"/s)
})

t.test('refuses what is no head, or too long', async t => {
  const { dial } = await serve(t)
  for (const [what, bytes, status] of [
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400'],
    ['an empty line', '\r\n', '400'],
    ['17 KiB without an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}`, '431'],
    ['17 KiB with an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, '431'],
  ] as const) {
    const socket = dial()
    socket.write(bytes, 'latin1')
    t.same(answers(await heard(socket)), [`HTTP/1.1 ${status}`], what)
  }
})

t.test('waits no longer than it says for a head', async t => {
  const { dial } = await serve(t, { headMs: 300 })
  const [silent, slow] = [dial(), dial()]
  const drip = setInterval(() => slow.write('x'), 20)
  t.teardown(() => clearInterval(drip))
  t.equal(await heard(silent), '')
  t.same(answers(await heard(slow)), ['HTTP/1.1 408'])
})

t.test('lets one address wait with so many connections, and others come', async t => {
  const { dial } = await serve(t, { waitingPerAddress: 5 })
  const waiting = Array.from({ length: 5 }, () => dial())
  await Promise.all(waiting.map(socket => new Promise(resolve => socket.once('connect', resolve))))
  const refused = dial()
  refused.write(HEALTH)
  t.equal(await heard(refused), '', 'cut without a word')
  const other = dial('127.0.0.2')
  other.write(HEALTH)
  t.match(await heard(other), /^HTTP\/1\.1 200/)
  waiting[0]!.write(HEALTH)
  t.match(await heard(waiting[0]!), /^HTTP\/1\.1 200/)
  const again = dial()
  again.write(HEALTH)
  t.match(await heard(again), /^HTTP\/1\.1 200/, 'its place is free again')
})

t.test('takes only so many requests a minute from one address', async t => {
  const { dial } = await serve(t, { requestsPerAddressPerMinute: 3 })
  const ask = async (text: string, from?: string) => {
    const socket = dial(from)
    socket.write(text)
    return answers(await heard(socket))[0]
  }
  t.equal(await ask(HEALTH), 'HTTP/1.1 200')
  t.equal(await ask(HEALTH.replace('/healthz', '/')), 'HTTP/1.1 404')
  t.equal(await ask(UPGRADE.replace('GET /', 'GET /elsewhere')), 'HTTP/1.1 404')
  t.equal(await ask(HEALTH), 'HTTP/1.1 429')
  t.equal(await ask(UPGRADE), 'HTTP/1.1 429')
  t.equal(await ask(HEALTH, '127.0.0.2'), 'HTTP/1.1 200')
})

t.test('keeps nothing of those that went', async t => {
  const passed: Socket[] = []
  const limits = { headMs: 60_000, waitingPerAddress: 32 }
  const door = new Door({
    limits,
    uncounted: address => address.endsWith('.9'),
    inTurn: (_, act) => act(),
    rejected: () => {},
    pass: socket => passed.push(socket),
  })
  const tcp = createServer(socket => door.open(socket))
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  t.teardown(() => tcp.close())
  const sockets = ['.1', '.2', '.3', '.9'].map(last =>
    connect({ port, host: '127.0.0.1', localAddress: `127.0.0${last}` }),
  )
  const until = async (waiting: number) => {
    while (door.backlog.waiting !== waiting) await sleep(5)
  }
  await until(4)
  t.equal(door.backlog.addresses, 3, 'a proxy is not counted')
  sockets[0]!.write(`${HEALTH}more`)
  await until(3)
  t.equal(passed.length, 1)
  t.equal(`${door.takeRest(passed[0]!)}`, 'more')
  t.equal(door.takeRest(passed[0]!).length, 0)
  sockets[1]!.end()
  await until(2)
  sockets[2]!.resetAndDestroy()
  await until(1)
  door.close()
  await until(0)
  t.equal(door.backlog.addresses, 0)
  for (const socket of [...sockets, ...passed]) socket.destroy()
})

t.test('keeps nothing of TLS handshakes that came to nothing', async t => {
  const { cert, key } = selfSigned({ names: ['localhost'] })
  const folder = t.testdir({ cert, key })
  const tls = new ServerTls({ cert: join(folder, 'cert'), key: join(folder, 'key') }, defaultLimits, silent)
  const passed: Socket[] = []
  const door = new Door({
    limits: { headMs: 60_000, waitingPerAddress: 32 },
    uncounted: () => false,
    inTurn: (_, act) => setImmediate(act),
    rejected: () => {},
    pass: socket => passed.push(socket),
    tls,
  })
  const tcp = createServer({ allowHalfOpen: true }, socket => door.open(socket))
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  t.teardown(() => tcp.close())
  const dial = () => connect({ port, host: '127.0.0.1' }).on('error', () => {})
  const until = async (waiting: number) => {
    while (door.backlog.waiting !== waiting) await sleep(5)
  }
  const [silent1, begun, reset, garbage, plain] = [dial(), dial(), dial(), dial(), dial()]
  const half = Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)
  for (const socket of [begun, reset]) socket.write(half)
  garbage.write(`\x16${'x'.repeat(200)}`)
  plain.write('hello')
  await until(3)
  begun.end()
  reset.resetAndDestroy()
  await until(1)
  silent1.end()
  await until(0)
  const shaken = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {})
  shaken.write(`${HEALTH}more`)
  while (passed.length === 0) await sleep(5)
  t.equal(`${door.takeRest(passed[0]!)}`, 'more')
  t.same(door.backlog, { waiting: 0, addresses: 0 })
  const late = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {})
  await new Promise(resolve => late.once('secureConnect', resolve))
  t.equal(door.backlog.waiting, 1)
  door.close()
  await until(0)
  t.equal(door.backlog.addresses, 0)
  for (const socket of [silent1, begun, garbage, plain, shaken, late, ...passed]) socket.destroy()
})
