import t from 'tap'
import { Arrivals } from '../../../peer/audio/arrivals.js'
import { SeededRandom } from '../../simulation/seeded-random.js'

/** By its definition: 98 % of the last 120 in time, and a margin of half of what that is above the middle, at least 4 ms. */
function plainNeed(transits: readonly number[]): number | null {
  const sorted = transits.slice(-120).sort((a, b) => a - b)
  if (sorted.length < 10) return null
  const even = sorted.filter(transit => transit <= sorted[0]! + 120)
  const [middle, high] = [0.5, 0.98].map(share => even[Math.floor(share * (even.length - 1))]!) as [number, number]
  return high + Math.max(4, (high - middle) / 2)
}

t.test('needs what a plain sort of the last 120 packets says, whatever the jitter', async t => {
  const random = new SeededRandom(3)
  // None, so that all are equal; a little; a lot in whole ms, with ties; stalls among them.
  for (const jitter of [() => 0, () => random.between(0, 5), () => Math.floor(random.between(0, 60))]) {
    for (const stall of [0, 0.05]) {
      const arrivals = new Arrivals()
      const transits: number[] = []
      for (let at = 0; at < 500; at++) {
        const transit = 1000 + jitter() + (random.chance(stall) ? 300 : 0)
        // Not one moment twice: that would be a burst.
        transits.push(transit + at * 1e-6)
        arrivals.add(at, at * 20 + transit + at * 1e-6)
        const [found, wanted] = [arrivals.neededMs, plainNeed(transits)]
        if (wanted === null ? found !== null : Math.abs((found ?? Number.NaN) - wanted) > 1e-6 || found === null)
          return t.equal(found, wanted, `packet ${at}`)
      }
    }
  }
  t.pass('3,000 packets')
})

t.test('looks only at the newest of many packets that come at one moment', async t => {
  const arrivals = new Arrivals()
  for (let at = 0; at < 20; at++) arrivals.add(at, 1000 + at * 20)
  t.equal(arrivals.neededMs, 1004)
  // A stall of 100 ms: five come at once, with the last of them in time.
  for (let at = 20; at < 25; at++) arrivals.add(at, 1000 + 24 * 20)
  t.equal(arrivals.neededMs, 1004)
  // A burst right at the start leaves one.
  const fresh = new Arrivals()
  for (let at = 0; at < 30; at++) fresh.add(at, 1000)
  t.equal(fresh.neededMs, null)
})

t.test('forgets all that came before it was cleared', async t => {
  const arrivals = new Arrivals()
  for (let at = 0; at < 50; at++) arrivals.add(at, 5000 + at * 20)
  arrivals.clear()
  t.equal(arrivals.neededMs, null)
  for (let at = 0; at < 10; at++) arrivals.add(at, 70 + at * 20)
  t.equal(arrivals.neededMs, 74)
})
