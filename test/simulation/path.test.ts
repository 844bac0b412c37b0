import t from 'tap'
import { VirtualClock } from '../virtual-clock.js'
import { Path, type PathQuality } from './path.js'
import { SeededRandom } from './seeded-random.js'

const COUNT = 20_000

/** Sends so many datagrams, one each `everyMs`; gives each arrival as number and time since the start. */
function arrivals(quality: Partial<PathQuality>, { count = COUNT, everyMs = 20, bytes = 200 } = {}) {
  const clock = new VirtualClock()
  const path = new Path(clock, new SeededRandom(1), quality)
  const arrived: { n: number; at: number }[] = []
  for (let n = 0; n < count; n++) {
    path.datagram(bytes, () => arrived.push({ n, at: clock.now() }))
    clock.advance(everyMs)
  }
  clock.advance(60_000)
  return { arrived, figures: path.figures }
}

t.test('brings every datagram after the delay', async t => {
  const { arrived } = arrivals({ delayMs: 35 }, { count: 100 })
  t.strictSame(
    arrived,
    Array.from({ length: 100 }, (_, n) => ({ n, at: 20 * n + 35 })),
  )
})

t.test('jitter spreads arrivals, and lets datagrams overtake each other', async t => {
  const { arrived } = arrivals({ delayMs: 40, jitterMs: 50 }, { count: 2_000 })
  const late = arrived.map(({ n, at }) => at - 20 * n)
  t.ok(Math.min(...late) >= 40 && Math.min(...late) < 41)
  t.ok(Math.max(...late) <= 90 && Math.max(...late) > 89)
  t.ok(arrived.some(({ n }, i) => n < (arrived[i - 1]?.n ?? 0)))
})

t.test('loses the share that was asked for', async t => {
  const { arrived, figures } = arrivals({ loss: 0.05 })
  t.ok(Math.abs(arrived.length / COUNT - 0.95) < 0.005, `${arrived.length} of ${COUNT}`)
  t.equal(figures.lost + figures.passed, COUNT)
})

t.test('loses in bursts of the length that was asked for', async t => {
  const { arrived } = arrivals({ burstShare: 0.03, burstLength: 4 })
  const bursts: number[] = []
  for (const [i, { n }] of arrived.entries()) {
    const gap = n - (arrived[i - 1]?.n ?? -1) - 1
    if (gap > 0) bursts.push(gap)
  }
  const mean = bursts.reduce((sum, length) => sum + length, 0) / bursts.length
  // Now and then one burst follows another at once.
  t.ok(mean > 3.7 && mean < 4.5, `mean ${mean}`)
  const share = bursts.length / arrived.length
  t.ok(share > 0.026 && share < 0.034, `share ${share}`)
})

t.test('a burst does not outlast a pause', async t => {
  const { arrived } = arrivals({ burstShare: 0.03, burstLength: 1_000 }, { everyMs: 300 })
  t.ok(Math.abs(arrived.length / COUNT - 0.97) < 0.005, `${arrived.length} of ${COUNT}`)
})

t.test('doubles the share that was asked for', async t => {
  const { arrived, figures } = arrivals({ duplicates: 0.1 })
  t.ok(Math.abs(arrived.length / COUNT - 1.1) < 0.01)
  t.equal(figures.duplicated, arrived.length - COUNT)
})

t.test('lets through what the rate allows, holds back what the queue takes, and drops the rest', async t => {
  // 1000 bytes take 100 ms at 80 kb/s; one is on its way and three wait within 300 ms.
  const { arrived, figures } = arrivals(
    { delayMs: 10, rateKbps: 80, queueMs: 300 },
    { count: 10, everyMs: 0, bytes: 1000 },
  )
  t.strictSame(
    arrived.map(({ at }) => at),
    [110, 210, 310],
  )
  t.equal(figures.overflowed, 7)
  const steady = arrivals({ rateKbps: 80, queueMs: 300 }, { count: 1_000, everyMs: 50, bytes: 1000 })
  t.ok(Math.abs(steady.arrived.length - 500) <= 3, `${steady.arrived.length} of 1000, which is half`)
})

t.test('an empty queue takes a packet that is longer than it', async t => {
  t.equal(arrivals({ rateKbps: 8, queueMs: 10 }, { count: 1, bytes: 1000 }).arrived[0]?.at, 1000)
})

t.test('passes nothing while it is down', async t => {
  t.equal(arrivals({ down: true }, { count: 100 }).arrived.length, 0)
})

t.test('may change while it runs', async t => {
  const clock = new VirtualClock()
  const path = new Path(clock, new SeededRandom(1), { delayMs: 100 })
  const arrived: string[] = []
  path.datagram(1, () => arrived.push('slow'))
  path.quality.delayMs = 10
  path.datagram(1, () => arrived.push('quick'))
  path.quality.down = true
  path.datagram(1, () => arrived.push('never'))
  clock.advance(1_000)
  t.strictSame(arrived, ['quick', 'slow'])
})

t.test('never says to wait for less than a clock can go on by', async t => {
  const waits: number[] = []
  for (let seed = 1; seed <= 200; seed++) {
    const clock = new VirtualClock(1_000_000 / 7)
    const random = new SeededRandom(seed)
    const path = new Path(clock, random, { rateKbps: Math.round(random.between(16, 300)), queueMs: 252 })
    for (let n = 0; n < 100; n++) {
      const bytes = Math.round(random.between(50, 700))
      // As a stream does it: what finds no room is sent when there should be some.
      for (let room = path.roomInMs(bytes); room > 0; room = path.roomInMs(bytes)) {
        waits.push(room)
        clock.advance(room)
        if (waits.length > 40_000) return t.fail('it waits for ever')
      }
      path.segment(bytes)
    }
  }
  t.ok(Math.min(...waits) > 1e-7)
  t.ok(waits.length > 10_000, `${waits.length} waits`)
})
