/** Two people came in at two servers of a cluster; the server that has their call is restarted, and then the other one. Nobody hears it. */
import t, { type Test } from 'tap'
import { freePort, Lab } from '../lab/lab.js'
import { NatsLab } from '../lab/nats.js'
import { judge } from '../measure/hearing.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { between, faultsOf, figures, type Side, sleep, WholeCall } from '../system/whole-call.js'

const skip = NatsLab.unavailable() ?? false
/** What concealment covers well: three frames. */
const COVERED_MS = 60

async function rollingRestart(t: Test): Promise<Outcome> {
  const nats = await NatsLab.start(1)
  const others = new Lab()
  t.teardown(() => Promise.all([nats.close(), others.close()]))
  const clustered = (port: number) => ['--cluster', nats.urls[0]!, '--cluster-url', `ws://127.0.0.1:${port}`]
  const [port, otherPort] = [await freePort(), await freePort()]
  const other = await others.server({ port: otherPort, args: clustered(otherPort) })
  await other.event(line => line.msg === 'in the cluster')
  const call = await WholeCall.start(t, { port, serverArgs: clustered(port), b: { url: other.url } })
  await call.talking()
  await sleep(4_000)
  const states = (side: Side) => side.peer.events.filter(({ event }) => event === 'state').length
  const before = [call.a, call.b].map(states)

  const restarts: { readonly what: string; readonly from: number; readonly to: number }[] = []
  const restart = async (what: string, server: WholeCall['server']) => {
    const from = Date.now() - 1_000
    server.kill('SIGTERM')
    t.match(await server.exit(20_000), { code: 0 }, `${what} ends`)
    await sleep(2_000)
    restarts.push({ what, from, to: Date.now() })
  }
  await restart('the server of the call', call.server)
  await call.serverAgain()
  await call.server.event(line => line.msg === 'in the cluster')
  // It says each second that it is there.
  await sleep(2_500)
  await restart('the other server', other)

  t.same([call.a, call.b].map(states), before, 'both talked all the time')
  t.same(await call.hangUp(), [0, 0])
  const notes: string[] = []
  const faults: string[] = []
  for (const listener of ['a', 'b'] as const)
    for (const { what, from, to } of restarts) {
      const { said, heard } = call.recordings(listener)
      const hearing = judge(between(said, from, to), between(heard, from, to))
      const name = `${what} restarts: ${call[listener].id} hears`
      notes.push(figures(name, hearing, call[listener]))
      faults.push(...faultsOf(name, hearing))
      const longest = hearing.gaps.reduce((most, { ms }) => Math.max(most, ms), 0)
      if (longest > COVERED_MS) faults.push(`${name} a gap of ${longest} ms`)
    }
  return { notes, faults, crowding: call.crowding }
}

t.test('a rolling restart of two servers under a relayed call', { skip, timeout: 290_000 }, t =>
  steadily(t, rollingRestart),
)
