import t, { type Test } from 'tap'
import type { Conditions } from '../lab/lane.js'
import type { Direction } from '../lab/wire.js'
import { measureDelay } from '../measure/delay.js'
import { judge } from '../measure/hearing.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { between, faultsOf, figures, sleep, WholeCall } from '../system/whole-call.js'

t.setTimeout(300_000)
const SLOW: Partial<Conditions> = { rateKbps: 20 }
const FAST: Partial<Conditions> = { rateKbps: Number.POSITIVE_INFINITY }
/** The figures, ms: what is heard is at most so old, so long after the leg is good again. */
const OLDEST_MS = 300
const WITHIN_MS = 1000
/** What is older is found by nothing being found; longer, and other words that sound alike would be taken for late ones. */
const SEARCH_MS = 2500
/** Part of the windows of speech that must be found. */
const FOUND = 0.7

async function slowed(t: Test, leg: 'a' | 'b', direction?: Direction): Promise<Outcome> {
  const call = await WholeCall.start(t, { proxied: true })
  await call.talking()
  await sleep(3000)
  call.proxies![leg].set(SLOW, direction)
  await sleep(10_000)
  call.proxies![leg].set(FAST, direction)
  const goodAt = Date.now()
  await sleep(7500)
  t.same(await call.hangUp(), [0, 0])
  const ways = (['a', 'b'] as const).map(listener => {
    const { said, heard } = call.recordings(listener)
    const name = `${call[listener].id} hears`
    const before = measureDelay(said, between(heard, 0, goodAt - 10_000))
    const slow = measureDelay(said, between(heard, goodAt - 9000, goodAt), SEARCH_MS)
    const from = goodAt + WITHIN_MS
    const after = judge(between(said, from - SEARCH_MS), between(heard, from), SEARCH_MS)
    const { track, windows, max } = after.delay
    const old = max <= OLDEST_MS ? [] : [`${name} what is ${max.toFixed(0)} ms old`]
    const nothing = track.length > FOUND * windows ? [] : [`${name} ${track.length} of ${windows} windows of speech`]
    return {
      notes: [
        `${name} before: delay p50 ${before.p50.toFixed(0)} max ${before.max.toFixed(0)} ms; while slow: ` +
          `p50 ${slow.p50.toFixed(0)} max ${slow.max.toFixed(0)} ms, ${slow.track.length} of ${slow.windows} windows`,
        figures(`${name} from 1 s after it on`, after, call[listener]),
      ],
      faults: [...old, ...nothing, ...faultsOf(name, after)],
    }
  })
  const { crowding } = call
  return { notes: ways.flatMap(({ notes }) => notes), faults: ways.flatMap(({ faults }) => faults), crowding }
}

/** What is slow, of A's leg: on it, one voice goes up and the other comes down. */
const cases: [string, Direction | undefined][] = [
  ['one leg, both ways,', undefined],
  ['only the way to a listener', 'down'],
]
for (const [what, direction] of cases)
  t.test(`brings fresh voice within 1 s after ${what} was slowed to 20 kb/s for 10 s`, { timeout: 200_000 }, t =>
    steadily(t, t => slowed(t, 'a', direction)),
  )
