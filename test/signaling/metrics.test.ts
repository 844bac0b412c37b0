/** The figures of a real server, before and after what they count. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { WebSocket } from 'ws'
import { VERSION } from '../../protocol/node-package.js'
import { legFrame } from '../leg-message.js'
import { type Family, numberOf, seriesOf } from './exposition.js'
import { loginText } from './fake-client.js'
import { serve, taken } from './scraped.js'
import { realCall, WsClient } from './ws-client.js'

const frame = (seq: number) => legFrame(seq, Array(120).fill(seq))

/** Sends something raw; resolves when the server has ended it. */
async function raw(port: number, data: string | Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(data)
  socket.resume()
  await new Promise<void>(resolve => socket.once('close', () => resolve()))
}

const seriesIn = (families: Map<string, Family>) =>
  [...families.values()].flatMap(({ samples }) => samples.map(seriesOf)).sort()

t.test('counts a call: who came, what was relayed and dropped, how it ended', async t => {
  const { server, url, read, since } = await serve(t)
  const before = await read()
  t.equal(numberOf(before, 'voicechat_build_info', { version: VERSION }), 1)
  t.equal(numberOf(before, 'voicechat_ready'), 1)
  const { a, b } = await realCall(url, 'Anna', 'Ben')
  t.same(await since(before), { peers: 2, sockets: 2, 'calls other': 1, calls_started_total: 1, logins_total: 2 })

  // Neither acknowledges anything: 35 go each way, 10 wait, the others push out the oldest.
  for (const client of [a, b]) {
    for (let n = 0; n < 100; n++) client.socket.send(frame(n))
    await taken(client)
  }
  const relayed = {
    logins_total: 2,
    calls_started_total: 1,
    relay_frames_total: 70,
    relay_bytes_total: 70 * 120,
    relay_latency_seconds_count: 1,
    'relay_drops_total queueFull': 110,
  }
  const talking = await since(before)
  const { 'calls relay': relay = 0, 'calls other': other = 0, ...rest } = talking
  t.equal(relay + other, 1)
  t.same(rest, { peers: 2, sockets: 2, ...relayed })

  a.say({ type: 'leave', reason: 'hungUp' })
  for (let n = 0; n < 3; n++) a.socket.send(frame(n))
  await taken(a)
  const over = {
    ...relayed,
    'relay_drops_total cleared': 20,
    'relay_drops_total afterCall': 3,
    'calls_ended_total hungUp': 1,
  }
  t.same(await since(before), { peers: 2, sockets: 2, ...over })

  a.say({ type: 'call', to: 'Ben' })
  b.say({ type: 'call', to: 'Anna' })
  await a.next('matched')
  b.socket.terminate()
  await a.next('away')
  for (let n = 0; n < 4; n++) a.socket.send(frame(n))
  await taken(a)
  const away = {
    ...over,
    calls_started_total: 2,
    'connections_closed_total gone': 1,
    'relay_drops_total otherAway': 4,
  }
  t.same(await since(before), { peers: 1, sockets: 1, ...away })
  server.readiness.hold('draining')
  t.match(await since(before), { ready: -1 })
  const text = JSON.stringify([...(await read()).values()])
  for (const name of ['anna', 'ben', '127.0.0.1']) t.notOk(text.toLowerCase().includes(name), `nothing tells ${name}`)
})

t.test('counts those who are not let in, each by a name of a fixed set', async t => {
  const { url, at, server, read, since } = await serve(t, { limits: { requestsPerAddressPerMinute: 20, headMs: 1000 } })
  const before = await read()
  const login = async (change: Record<string, unknown>) => {
    const client = await WsClient.open(url)
    const { challenge } = await client.next('challenge')
    client.socket.send(loginText(challenge, { id: 'Anna', origin: url, change }))
    await client.untilClosed()
  }
  await login({ signature: 'A'.repeat(86) })
  await login({ origin: 'ws://evil.test:1' })
  await login({ v: 7 })
  await (await WsClient.online(url, 'Anna')).socket.close()
  const thief = await WsClient.online(url, 'Anna')
  await thief.untilClosed()
  const early = await WsClient.open(url)
  early.socket.send(frame(0))
  await early.untilClosed()
  await raw(server.port, Buffer.of(0x16, 3, 1))
  await raw(server.port, `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}`)
  await raw(server.port, 'GET / HTT')
  await raw(server.port, 'GET /__proto__ HTTP/1.1\r\nHost: x\r\n\r\n')
  const page = new WebSocket(url, { headers: { origin: 'https://evil.test' } })
  await new Promise(resolve => page.once('error', resolve))
  const rejected = async (why: string) => {
    for (;;) {
      const counts = await since(before)
      if (counts[`requests_rejected_total ${why}`]) return counts
    }
  }
  // With what came above more than 20 requests are sure to be too many.
  for (let n = 0; n < 20; n++) await raw(server.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  const { 'requests_rejected_total tooManyRequests': tooMany, ...counts } = await rejected('tooManyRequests')
  // How many, is a matter of how long it took: one more is let in each 3 s.
  t.ok(tooMany! <= 20, `${tooMany} requests were too many`)
  t.same(counts, {
    logins_total: 1,
    'logins_refused_total badLogin': 1,
    'logins_refused_total badOrigin': 1,
    'logins_refused_total version': 1,
    'logins_refused_total taken': 1,
    'connections_closed_total badLogin': 1,
    'connections_closed_total badOrigin': 1,
    'connections_closed_total version': 1,
    'connections_closed_total taken': 1,
    'connections_closed_total gone': 1,
    'connections_closed_total binaryBeforeLogin': 1,
    'requests_rejected_total notHttp': 1,
    'requests_rejected_total headTooLong': 1,
    'requests_rejected_total noHead': 1,
    'requests_rejected_total notFound': 1,
    'requests_rejected_total badOrigin': 1,
  })
  t.same(seriesIn(await read()), seriesIn(before), 'whatever strangers send, there are no more series than before')
  t.equal((await fetch(`http://${at}/metrics`)).status, 200, 'and their requests do not keep a monitor out')
})

t.test('counts those who find no room', async t => {
  const { server, read, since } = await serve(t, { limits: { sockets: 2, waitingPerAddress: 1000, headMs: 60_000 } })
  const before = await read()
  const idle = Array.from({ length: 110 }, () => connect(server.port, '127.0.0.1').on('error', () => {}))
  const leave = (from: number) => {
    for (const socket of idle.slice(from)) socket.destroy()
  }
  t.teardown(() => leave(0))
  // 102 have room; the others are closed without a word.
  while (idle.filter(({ closed }) => closed).length < 8) await sleep(10)
  leave(50)
  let counts: Record<string, number> = {}
  while (!counts['requests_rejected_total full']) counts = await since(before).catch(() => ({}))
  t.ok(counts['requests_rejected_total full']! >= 8)

  const narrow = await serve(t, { limits: { waitingPerAddress: 1, headMs: 60_000 } })
  const first = await narrow.read()
  const one = connect(narrow.server.port, '127.0.0.1').on('error', () => {})
  await new Promise(resolve => one.once('connect', resolve))
  await raw(narrow.server.port, 'GET')
  one.destroy()
  let more: Record<string, number> = {}
  while (!more['requests_rejected_total tooManyWaiting']) more = await narrow.since(first).catch(() => ({}))
  t.ok(more['requests_rejected_total tooManyWaiting']! >= 1)
})
