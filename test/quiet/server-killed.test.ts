import t, { type Test } from 'tap'
import { only } from '../lab/event.js'
import { judge } from '../measure/hearing.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { between, faultsOf, figures, type Side, sleep, WholeCall } from '../system/whole-call.js'

/** Voice is as it was this long after the server is there again and both have found it, ms. */
const SETTLED_MS = 1500

/** Talks, loses the server in some way, gets another in its place, talks on. The call must be the same one. */
async function survives(t: Test, loseServer: (call: WholeCall) => Promise<void>, downMs: number): Promise<Outcome> {
  const notes: string[] = []
  const faults: string[] = []
  // It is not to wait for the call to end.
  const call = await WholeCall.start(t, { serverArgs: ['--drain-seconds', '0'] })
  await call.talking()
  await sleep(3000)
  const seen = [call.a, call.b].map(({ peer }) => peer.events.length)
  const lostAt = Date.now()
  await loseServer(call)
  await sleep(lostAt + downMs - Date.now())
  await call.serverAgain()
  const againAt = Date.now()
  const back = (side: Side, n: number) =>
    side.peer.event(event => event.event === 'state' && event.route === 'relay', 20_000, seen[n])
  const backAt = Math.max(...(await Promise.all([call.a, call.b].map(back))).map(event => event.t))
  notes.push(`server away for ${againAt - lostAt} ms; both are back ${backAt - againAt} ms after it is`)
  await sleep(SETTLED_MS + 4500)
  t.same(await call.hangUp(), [0, 0], 'hung up as if nothing had been')
  for (const listener of ['a', 'b'] as const) {
    const side = call[listener]
    const verifies = only('verify', side.peer.events)
    t.equal(verifies.length, 1, 'no second key agreement')
    const after = only('state', side.peer.events.slice(seen[listener === 'a' ? 0 : 1]))
    t.notOk(after.some(({ state }) => state === 'agreeing' || state === 'waiting'))
    const { said, heard } = call.recordings(listener)
    const whole = judge(said, heard)
    const missing = whole.gaps.filter(({ ms, atMs }) => ms >= 40 && whole.from + atMs + ms > lostAt - 200)
    const first = missing[0]
    const last = missing.findLast(({ atMs }) => whole.from + atMs < backAt + SETTLED_MS)
    const gap = first && last ? last.atMs + last.ms - first.atMs : 0
    notes.push(`${side.id}: gap of about ${gap} ms in what is heard`)
    const hearing = judge(between(said, backAt + SETTLED_MS), between(heard, backAt + SETTLED_MS))
    notes.push(figures(`${side.id} hears afterwards`, hearing, side))
    faults.push(...faultsOf(side.id, hearing))
  }
  const [a, b] = [call.a, call.b].map(({ peer }) => only('verify', peer.events)[0]?.code)
  t.equal(a, b, 'one code, and it stayed')
  t.ok(
    call.server.events.some(line => line.msg === 'establishing connection' && line.resumed === true),
    'the new server put the two together again',
  )
  return { notes, faults, crowding: call.crowding }
}

t.setTimeout(300_000)

t.test('goes on after kill -9 of the server, which comes back without memory', { timeout: 200_000 }, t =>
  steadily(t, t =>
    survives(
      t,
      async call => {
        call.server.kill('SIGKILL')
        await call.server.exited
      },
      5000,
    ),
  ),
)

t.test('goes on over a restart of the server by SIGTERM, which closes within 2 s', { timeout: 200_000 }, t =>
  steadily(t, t =>
    survives(
      t,
      async call => {
        const askedAt = Date.now()
        call.server.kill('SIGTERM')
        const { code } = await call.server.exit()
        const tookMs = Date.now() - askedAt
        t.equal(code, 0)
        t.comment(`closed after ${tookMs} ms`)
        t.ok(tookMs <= 2000, 'within 2 s')
      },
      0,
    ),
  ),
)
