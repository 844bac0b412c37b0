import t from 'tap'
import { endpointOf } from './nat.js'
import { pair } from './virtual-pair.js'

t.test('opens through loss, later', async t => {
  let latest = 0
  for (let seed = 1; seed <= 50; seed++) {
    const { clock, a, b } = pair(['ordinary', 'ordinary'], { delayMs: 40, jitterMs: 20, loss: 0.1 }, seed)
    clock.advance(20_000)
    latest = Math.max(latest, a.openAt ?? Number.POSITIVE_INFINITY, b.openAt ?? Number.POSITIVE_INFINITY)
  }
  t.ok(latest > 1_500 && latest < 15_000, `${latest} ms`)
})

t.test('close tells nobody: the other side says so by itself, only late', async t => {
  const { clock, a, b } = pair(['ordinary', 'ordinary'])
  clock.advance(1_000)
  a.connection.close()
  a.connection.send(Uint8Array.of(1))
  const from = clock.now()
  clock.advance(12_000)
  t.equal(b.failedAt, null)
  clock.advance(3_000)
  t.ok(b.failedAt! - from > 10_000 && b.failedAt! - from <= 12_800, `after ${b.failedAt! - from} ms`)
  t.strictSame(b.got, [])
  t.equal(b.host.clock.pending, 0)
})

t.test('a quiet connection lives on, and its mappings', async t => {
  const { clock, a, b } = pair(['ordinary', 'ordinary'])
  clock.advance(300_000)
  t.strictSame([a.failedAt, b.failedAt], [null, null])
  a.connection.send(Uint8Array.of(7))
  clock.advance(100)
  t.strictSame(b.got, [7])
})

t.test('what an older connection sent never reaches a newer one', async t => {
  const { clock, a, b, start } = pair(['open', 'open'], { delayMs: 20 })
  clock.advance(1_000)
  // A path that brings the last messages only when the next connection is open.
  a.host.up.quality.delayMs = 1_500
  for (let n = 1; n <= 20; n++) a.connection.send(Uint8Array.of(n))
  a.host.up.quality.delayMs = 20
  a.connection.close()
  b.connection.close()
  start()
  clock.advance(1_000)
  t.ok(b.openAt! > 1_000, 'open again')
  clock.advance(1_000)
  t.strictSame(b.got, [])
})

t.test('what a stranger sends is no message, unless it has the names of both ends', async t => {
  const { clock, network, a, b } = pair(['open', 'open'])
  let seen = { from: '', to: '' }
  network.pass = (from, _to, content, go) => {
    if (content.kind === 'data' && from === a.host) seen = content
    go(content)
  }
  clock.advance(1_000)
  a.connection.send(Uint8Array.of(1))
  clock.advance(100)
  t.strictSame(b.got, [1])
  const stranger = network.udp(network.host('stranger', {}, 'open'))
  const at = endpointOf(b.host.address, 40_000)
  for (const [from, to] of [
    ['stranger', seen.to],
    [seen.from, 'stranger'],
    ['', ''],
  ] as const)
    stranger.send(at, { kind: 'data', from, to, number: 2, bytes: Uint8Array.of(9) })
  clock.advance(100)
  t.strictSame(b.got, [1])
  // Names stand for the keys of DTLS. That it gets through with both shows that the way there was right.
  stranger.send(at, { kind: 'data', ...seen, number: 2, bytes: Uint8Array.of(3) })
  clock.advance(100)
  t.strictSame(b.got, [1, 3])
})

t.test('a process that was stopped for long does not take its connection for dead: it reads first', async t => {
  const { clock, a, b } = pair(['ordinary', 'ordinary'])
  clock.advance(1_000)
  b.host.stop()
  clock.advance(12_000)
  a.connection.send(Uint8Array.of(1))
  clock.advance(3_000)
  t.ok(a.failedAt, 'the other side heard nothing for too long')
  b.host.go()
  clock.advance(10)
  t.strictSame(b.got, [1])
  t.equal(b.failedAt, null)
})

t.test('stalls for a while after bursts of loss, now and then, unless that is turned off', async t => {
  const longest = (stalls: boolean) => {
    const { clock, a, b } = pair(['ordinary', 'ordinary'], { delayMs: 20 }, 3, stalls)
    clock.advance(1_000)
    a.host.up.quality.burstShare = 0.034
    let worst = 0
    let last = clock.now()
    for (let n = 0; n < 3_000; n++) {
      const before = b.got.length
      a.connection.send(Uint8Array.of(n % 256))
      clock.advance(20)
      if (b.got.length === before) continue
      worst = Math.max(worst, clock.now() - last)
      last = clock.now()
    }
    return worst
  }
  const [without, withThem] = [longest(false), longest(true)]
  t.ok(without < 300, `longest gap ${without} ms`)
  t.ok(withThem >= 300 && withThem <= 1_500, `longest gap ${withThem} ms with stalls`)
})
