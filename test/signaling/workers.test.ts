/** A server of two processes behind one port. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { metricsTogether } from '../../signaling/metrics.js'
import type { ServerOptions } from '../../signaling/server-options.js'
import { startPool } from '../../signaling/workers/pool.js'
import { childPids } from '../lab/child-pids.js'
import { legFrame } from '../leg-message.js'
import { newIdentity, newSession } from './fake-client.js'
import { WsClient } from './ws-client.js'

async function pool(t: Test, options: ServerOptions = {}) {
  const server = await startPool({
    host: '127.0.0.1',
    port: 0,
    stunPort: null,
    ...options,
    workers: 2,
    together: metricsTogether,
  })
  t.teardown(() => server.close())
  const url = `ws://127.0.0.1:${server.port}`
  const at = (worker: number, id: string, identity = newIdentity(), session = newSession()) =>
    WsClient.online(`${url}/?server=${worker}`, id, identity, session)
  const page = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  return { server, url, at, page }
}

const frame = (n: number) => legFrame(n, [n, n])

const workerPids = () => childPids(process.pid)

/** That frames from one come to the other; first numbers of the leg are 0, 1, ... for each socket. */
async function hears(from: WsClient, to: WsClient, n: number): Promise<boolean> {
  const before = to.binary.length
  from.socket.send(frame(n))
  await to.until(() => to.binary.slice(before).some(data => data[0] === 1 && data.at(-1) === n))
  return true
}

t.test('two at different workers are matched, and one moves to the other', async t => {
  const { at, page } = await pool(t)
  const [me, you] = [newIdentity(), newIdentity()]
  const session = newSession()
  const a = await at(0, 'a', me)
  const b = await at(1, 'b', you, session)
  a.say({ type: 'call', to: 'b' })
  b.say({ type: 'call', to: 'a' })
  await a.until(() => a.has('matched'))
  await b.until(() => b.has('matched') && b.has('move'))
  t.ok((await hears(a, b, 1)) && (await hears(b, a, 2)), 'between the processes')
  const { url } = b.heard.find(m => m.type === 'move')!
  t.equal(url, '/?server=0')
  const again = await at(0, 'b', you, session)
  again.say({ type: 'call', to: 'a', resume: b.heard.find(m => m.type === 'matched')!.callId })
  await again.until(() => again.has('matched'))
  await b.untilClosed()
  t.equal(b.closed?.reason, 'replaced')
  t.ok((await hears(a, again, 3)) && (await hears(again, a, 4)), 'in one process')

  await sleep(1_100)
  t.match(JSON.parse((await page('/healthz')).text), { status: 'ok', peers: 2, calls: 1 })
  t.equal((await page('/readyz')).status, 200)
  const { text } = await page('/metrics')
  for (const line of ['voicechat_peers 2', 'voicechat_ready 1', 'voicechat_relay_frames_total 4'])
    t.ok(text.split('\n').includes(line), line)
})

t.test('an id is one key’s in all workers, and after a restart', async t => {
  const stateDir = t.testdir()
  const first = await startPool({ host: '127.0.0.1', port: 0, stunPort: null, stateDir, workers: 2 })
  const identity = newIdentity()
  const login = (port: number, worker: number, who = newIdentity()) =>
    WsClient.online(`ws://127.0.0.1:${port}/?server=${worker}`, 'anna', who)
  t.ok((await login(first.port, 0, identity)).has('online'))
  t.ok((await login(first.port, 1)).has('refused'))
  await first.close()
  const second = await startPool({ host: '127.0.0.1', port: 0, stunPort: null, stateDir, workers: 2 })
  t.teardown(() => second.close())
  t.ok((await login(second.port, 1)).has('refused'))
  t.ok((await login(second.port, 0, identity)).has('online'))
})

t.test(
  'a worker that dies is started again, and the calls of others go on',
  { skip: process.platform !== 'linux' },
  async t => {
    const { at } = await pool(t)
    const a = await at(0, 'a')
    const b = await at(0, 'b')
    a.say({ type: 'call', to: 'b' })
    b.say({ type: 'call', to: 'a' })
    await a.until(() => a.has('matched'))
    const [me, session] = [newIdentity(), newSession()]
    const c = await at(1, 'c', me, session)
    const workers = workerPids()
    t.equal(workers.length, 2)
    process.kill(workers[1]!, 'SIGKILL')
    await c.untilClosed()
    t.ok((await hears(a, b, 1)) && (await hears(b, a, 2)))
    // Who comes while its end is not known yet is cut, and comes again, as a peer does.
    const again = async (): Promise<WsClient> => at(1, 'c', me, session).catch(again)
    t.ok((await again()).has('online'), 'where the other is, until it is back')
  },
)

/** A request for a websocket at the second worker, handed over to it; it is stopped, and so hasn't taken it. */
async function handing(t: Test, clients = 1) {
  const { server, page } = await pool(t)
  const worker = workerPids()[1]!
  process.kill(worker, 'SIGSTOP')
  const head = ['GET /?server=1 HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket']
  const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
  const sockets = Array.from({ length: clients }, () => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    t.teardown(() => socket.destroy())
    socket.write([...head, ...key, '', ''].join('\r\n'))
    return socket
  })
  // What this process does first comes first: it has handed them over when these are answered.
  const handed = async () => {
    for (let n = 0; n < 3; n++) await page('/healthz')
  }
  await handed()
  return { worker, sockets, handed }
}

t.test(
  'what a client sends while it is handed over is for its worker',
  { skip: process.platform !== 'linux' },
  async t => {
    const { worker, sockets, handed } = await handing(t)
    const socket = sockets[0]!
    const heard = new Promise<string>(resolve => {
      let all = ''
      socket.setEncoding('latin1').on('data', text => {
        all += text
        if (all.includes('notLoggedIn')) resolve(all)
      })
      socket.on('close', () => resolve(all))
    })
    const text = Buffer.from(JSON.stringify({ type: 'call', to: 'b' }))
    socket.write(Buffer.concat([Buffer.of(0x81, 0x80 | text.length, 0, 0, 0, 0), text]))
    await handed()
    process.kill(worker, 'SIGCONT')
    t.match(await heard, 'notLoggedIn')
  },
)

t.test(
  'clients on their way to a worker that dies are cut at once',
  { skip: process.platform !== 'linux' },
  async t => {
    const { worker, sockets } = await handing(t, 3)
    const closed = sockets.map(socket => new Promise(resolve => socket.on('close', resolve).resume()))
    process.kill(worker, 'SIGKILL')
    t.equal((await Promise.all(closed)).length, 3, 'the one that was sent, and those that waited for their turn')
  },
)

t.test('says what can not be shared between processes', async t => {
  for (const options of [{ tlsCert: 'x', tlsKey: 'x' }, { private: true, stateDir: t.testdir() }, { echo: true }])
    await t.rejects(startPool({ host: '127.0.0.1', port: 0, workers: 2, ...options }), { name: 'notForWorkers' })
  const nowhere = { host: '127.0.0.1', port: 0, workers: 2, cluster: ['nats://127.0.0.1:1'] }
  await t.rejects(startPool(nowhere), { name: 'clusterWithoutUrl' }, 'others would not know how to dial it')
})

t.test('drains: waits for the voice that it relays', async t => {
  const { server, at } = await pool(t, { limits: { drainMs: 60_000 } })
  const a = await at(0, 'a')
  const b = await at(1, 'b')
  a.say({ type: 'call', to: 'b' })
  b.say({ type: 'call', to: 'a' })
  await a.until(() => a.has('matched'))
  await server.drain()
  a.say({ type: 'call', to: 'c' })
  await a.until(() => a.has('error'))
  t.match(
    a.heard.find(m => m.type === 'error'),
    { name: 'draining' },
  )
  t.equal(server.readiness.holds.length, 1)
})
