import t, { type Test } from 'tap'
import { only } from '../lab/event.js'
import { measureDelay } from '../measure/delay.js'
import { judge } from '../measure/hearing.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { between, faultsOf, figures, type Side, sleep, WholeCall } from '../system/whole-call.js'

t.setTimeout(300_000)
const env = { NODE_OPTIONS: `--import=${new URL('./stall.js', import.meta.url).href}` }
/** The delay is back within this time after the stall, ms. */
const WITHIN_MS = 2000
/** As it was: the median is at most this much higher, ms. */
const ALIKE_MS = 40

async function stalled(t: Test, stall: (side: Side) => Promise<void>): Promise<Outcome> {
  const notes: string[] = []
  const faults: string[] = []
  const call = await WholeCall.start(t, { a: { env }, b: { env } })
  await call.talking()
  await sleep(5000)
  const from = Date.now()
  await stall(call.a)
  const over = Date.now()
  await sleep(WITHIN_MS + 5500)
  t.same(await call.hangUp(), [0, 0])
  for (const listener of ['a', 'b'] as const) {
    const side = call[listener]
    const { said, heard } = call.recordings(listener)
    const before = measureDelay(said, between(heard, 0, from))
    const rest = [said, heard].map(sound => between(sound, over + WITHIN_MS)) as [typeof said, typeof heard]
    const after = judge(...rest)
    const whole = judge(said, heard)
    const during = whole.gaps.filter(({ atMs, ms }) => {
      const at = whole.from + atMs
      return at + ms > from - 200 && at < over + WITHIN_MS
    })
    const missing = during.reduce((sum, { ms }) => sum + ms, 0)
    notes.push(`${side.id} before: delay p50 ${before.p50.toFixed(0)} max ${before.max.toFixed(0)} ms`)
    notes.push(figures(`${side.id} from 2 s after on`, after, side))
    notes.push(`${side.id}: ${missing} ms of speech missing around the stall of ${over - from} ms`)
    faults.push(...faultsOf(side.id, after))
    t.ok(
      after.delay.p50 <= before.p50 + ALIKE_MS,
      `delay from ${before.p50.toFixed(0)} to ${after.delay.p50.toFixed(0)}`,
    )
    t.ok(missing < over - from + 700, 'what is missing is about as long as the stall')
    t.equal(only('verify', side.peer.events).length, 1)
    notes.push(side.peer.stderr.match(/event loop.*/)?.[0] ?? 'no event loop figures')
  }
  return { notes, faults, crowding: call.crowding }
}

t.test('is as it was 2 s after a peer stood still for a second', { timeout: 150_000 }, t =>
  steadily(t, t =>
    stalled(t, async ({ peer }) => {
      peer.kill('SIGSTOP')
      await sleep(1000)
      peer.kill('SIGCONT')
    }),
  ),
)

t.test('is as it was 2 s after the main thread of a peer stood still', { timeout: 150_000 }, t =>
  steadily(t, t =>
    stalled(t, async ({ peer }) => {
      peer.kill('SIGUSR2')
      await sleep(1000)
    }),
  ),
)
