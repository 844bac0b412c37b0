import t from 'tap'
import type { ServerSocket } from '../../signaling/index.js'
import { connected } from './virtual-connected.js'

t.test('opens after one and a half round trips, and what is sent before is dropped', async t => {
  const { clock, client, atClient, atServer, server } = connected()
  client.send('too early')
  clock.advance(59)
  t.equal(server(), null)
  clock.advance(1)
  t.ok(server())
  clock.advance(20)
  t.strictSame([atClient.messages, atClient.at], [['welcome'], [80]])
  t.strictSame(atServer().messages, [])
})

t.test('a server that is not there refuses; one that is not reached never answers', async t => {
  const refused = connected()
  refused.listener.listening = false
  refused.clock.advance(100)
  t.match(refused.atClient.closed, /^1006 nothing answers/)
  const lost = connected({ delayMs: 20, down: true })
  lost.clock.advance(60_000)
  t.equal(lost.atClient.closed, null)
  lost.client.terminate()
  lost.clock.advance(120_000)
  t.equal(lost.atClient.closed, '1006 ')
  t.equal(lost.clock.pending, 0)
  t.equal(lost.network.sockets, 0)
})

for (const [name, access] of [
  ['jitter', { delayMs: 30, jitterMs: 200 }],
  ['loss', { delayMs: 30, loss: 0.2 }],
  ['bursts and a narrow way', { delayMs: 30, burstShare: 0.05, burstLength: 5, rateKbps: 64 }],
] as const)
  t.test(`brings everything, in order, once, through ${name}`, async t => {
    const { clock, client, atServer, server, atClient } = connected(access)
    clock.advance(5_000)
    const sent = Array.from({ length: 500 }, (_, n) => String(n))
    for (const n of sent) {
      client.send(n)
      server().send(n)
      clock.advance(20)
    }
    clock.advance(60_000)
    t.strictSame(atServer().messages, sent)
    t.strictSame(atClient.messages, ['welcome', ...sent])
    t.equal(clock.pending, 0)
  })

t.test('what is behind a lost segment waits for its retransmission', async t => {
  const { clock, client, atServer, host } = connected()
  clock.advance(1_000)
  host.up.quality.loss = 1
  client.send('lost')
  host.up.quality.loss = 0
  client.send('behind')
  clock.advance(259)
  t.strictSame(atServer().messages, [])
  clock.advance(1)
  t.strictSame(atServer().messages, ['lost', 'behind'])
})

t.test('goes on after an outage, later the longer it took', async t => {
  const { clock, client, atServer, host } = connected()
  clock.advance(1_000)
  host.change({ down: true })
  client.send('a')
  clock.advance(3_000)
  host.change({ down: false })
  clock.advance(500)
  t.strictSame(atServer().messages, [])
  // 240 + 480 + 960 + 1920 ms.
  clock.advance(200)
  t.strictSame(atServer().messages, ['a'])
  host.change({ down: true })
  client.send('b')
  clock.advance(60_000)
  host.change({ down: false })
  clock.advance(10_100)
  t.strictSame(atServer().messages, ['a', 'b'])
})

t.test('a narrow way keeps back what it has no room for, and loses nothing', async t => {
  const { clock, client, atServer, host } = connected({ delayMs: 20, rateKbps: 80, queueMs: 200 })
  clock.advance(2_000)
  const before = host.up.figures.overflowed
  for (let n = 0; n < 50; n++) client.send('x'.repeat(952))
  clock.advance(1_000)
  t.ok(Math.abs(atServer().messages.length - 10) <= 1, `${atServer().messages.length} in a second`)
  clock.advance(5_000)
  t.equal(atServer().messages.length, 50)
  t.equal(host.up.figures.overflowed, before)
})

t.test('a server sees what its system does not take of a dead way', async t => {
  const { clock, network, host, server } = connected()
  clock.advance(1_000)
  const message = new Uint8Array(1_000)
  for (let n = 0; n < 100; n++) server().send(message)
  clock.advance(1_000)
  t.equal(server().bufferedAmount, 0)
  network.strand(host)
  for (let n = 0; n < 300; n++) server().send(message)
  t.ok(server().bufferedAmount! > 128 * 1024)
})

t.test('answers pings, unless the process is stopped or the way dead', async t => {
  const { clock, host, network, server } = connected()
  clock.advance(1_000)
  let pongs = 0
  const pongsOf = (ping: ServerSocket) => {
    ping.onPong = () => void pongs++
    ping.ping!()
    clock.advance(100)
    return pongs
  }
  t.equal(pongsOf(server()), 1)
  host.stop()
  t.equal(pongsOf(server()), 1)
  host.go()
  clock.advance(100)
  t.equal(pongs, 2)
  network.strand(host)
  t.equal(pongsOf(server()), 2)
})

t.test('closes with code and reason at both ends, once', async t => {
  const { clock, client, atClient, atServer, network } = connected()
  clock.advance(1_000)
  client.send('last')
  client.close(1000, 'bye')
  client.send('too late')
  clock.advance(1_000)
  t.strictSame(atServer().messages, ['last'])
  t.strictSame([atClient.closed, atServer().closed], ['1000 bye', '1000 bye'])
  clock.advance(60_000)
  t.equal(network.sockets + clock.pending, 0)
})

t.test('terminated or cut, both ends hear of it', async t => {
  const terminated = connected()
  terminated.clock.advance(1_000)
  terminated.server().terminate()
  terminated.clock.advance(100)
  t.strictSame([terminated.atClient.closed, terminated.atServer().closed], ['1006 ', '1006 '])
  const cut = connected()
  cut.clock.advance(1_000)
  cut.network.cut(cut.host)
  cut.clock.advance(100)
  t.strictSame([cut.atClient.closed, cut.atServer().closed], ['1006 cut', '1006 cut'])
  t.equal(cut.network.sockets, 0)
})
