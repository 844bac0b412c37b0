import t from 'tap'
import { Arrivals } from '../../../peer/audio/arrivals.js'
import { SeededRandom } from '../../simulation/seeded-random.js'

/** Whether the last 240 hold two that were late by 18 ms over the quickest of their time, and 40 or more apart, counted from the first on. */
function lateAgain(transits: readonly number[]): boolean {
  const marks: number[] = []
  transits.forEach((transit, at) => {
    const quickest = Math.min(...transits.slice(Math.max(0, at - 239), at + 1))
    if (transit - quickest >= 18 && at - (marks.at(-1) ?? -1000) >= 40) marks.push(at)
  })
  const before = marks.at(-2)
  return before !== undefined && transits.length - (before + 1) < 240
}

/** By its definition: the delay that costs least among the last 240 arrivals, and 4 ms. */
function plainNeed(transits: readonly number[]): number | null {
  const last = transits.slice(-240)
  if (last.length < 10) return null
  const again = lateAgain(transits)
  const cost = (delay: number) => {
    const late = (100 * last.filter(transit => transit > delay).length) / Math.max(160, last.length)
    return delay + (again ? 30 * Math.max(0, late - 0.6) : 20 * Math.max(0, late - 1))
  }
  const sorted = [...last].sort((a, b) => a - b)
  const worth = sorted.filter(transit => transit <= sorted[0]! + 120)
  const best = worth.reduce((best, delay) => (cost(delay) < cost(best) - 1e-9 ? delay : best))
  return Math.max(best, Math.min(...transits.slice(-8))) + 4
}

t.test('needs what its definition says, whatever the jitter', async t => {
  const random = new SeededRandom(3)
  // None, so that all are equal; a little; a lot in whole ms, with ties; stalls among them.
  for (const jitter of [() => 0, () => random.between(0, 5), () => Math.floor(random.between(0, 60))]) {
    for (const stall of [0, 0.05]) {
      const arrivals = new Arrivals()
      const transits: number[] = []
      for (let at = 0; at < 500; at++) {
        const transit = 1000 + jitter() + (random.chance(stall) ? 300 : 0)
        transits.push(transit)
        arrivals.add(at, at * 20 + transit)
        const [found, wanted] = [arrivals.neededMs, plainNeed(transits)]
        if (wanted === null ? found !== null : Math.abs((found ?? Number.NaN) - wanted) > 1e-6 || found === null)
          return t.equal(found, wanted, `frame ${at}`)
      }
    }
  }
  t.pass('3,000 frames')
})

/** What is needed after `frames` frames, of which frame `at` took `transit(at)` ms. */
function needed(frames: number, transit: (at: number) => number): number {
  const arrivals = new Arrivals()
  for (let at = 0; at < frames; at++) arrivals.add(at, at * 20 + transit(at))
  return arrivals.neededMs!
}

t.test('waits for repeated blocks where losses are common, and not where they are rare', async t => {
  t.equal(
    needed(1000, at => 50 + (at % 5 === 0 ? 20 : 0)),
    74,
    'one in five',
  )
  t.equal(
    needed(1000, at => 50 + (at % 25 === 0 ? 40 : at % 5 === 0 ? 20 : 0)),
    94,
    'and some of those twice',
  )
  t.equal(
    needed(1000, at => 50 + (at % 100 === 0 ? 20 : 0)),
    54,
    'one in a hundred',
  )
})

t.test('no spike makes it longer, at the start or later', async t => {
  // 200 ms each 5 s: ten frames come at one moment.
  const spiked = (at: number) => 50 + (at % 250 < 10 ? 200 - 20 * (at % 250) : 0)
  for (const frames of [30, 100, 1000, 1013]) t.equal(needed(frames, spiked), 54, `${frames} frames`)
})

t.test('follows a network that becomes slower, within 160 ms, and quicker', async t => {
  t.equal(
    needed(508, at => (at < 500 ? 50 : 350)),
    354,
  )
  t.equal(
    needed(740, at => (at < 500 ? 350 : 50)),
    54,
  )
})

t.test('its jitter is that of packets, not of what they repeat', async t => {
  const arrivals = new Arrivals()
  for (let at = 0; at < 100; at++) {
    if (at % 5 === 4) continue
    if (at % 5 === 0 && at > 0) arrivals.add(at - 1, at * 20 + 50, true)
    arrivals.add(at, at * 20 + 50)
  }
  t.equal(arrivals.jitterMs, 0)
  t.equal(arrivals.neededMs, 74)
})

t.test('forgets all that came before it was cleared', async t => {
  const arrivals = new Arrivals()
  for (let at = 0; at < 50; at++) arrivals.add(at, 5000 + at * 20)
  arrivals.clear()
  t.equal(arrivals.neededMs, null)
  for (let at = 0; at < 10; at++) arrivals.add(at, 70 + at * 20)
  t.equal(arrivals.neededMs, 74)
})
