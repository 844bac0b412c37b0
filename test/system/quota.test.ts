/** Quotas of a real server, and what real programs do when they are used up. */
import t, { type Test } from 'tap'
import { openMetrics } from '../../signaling/metrics.js'
import { startServer } from '../../signaling/server.js'
import { only } from '../lab/event.js'
import { Lab, type Peer } from '../lab/lab.js'
import { numberOf, parseExposition } from '../signaling/exposition.js'
import { WholeCall } from './whole-call.js'

const endOf = (peer: Peer) => only('state', peer.events).at(-1)
const told = (peer: Peer) => only('error', peer.events).map(({ name }) => name)

t.test('one call a day: the next one ends at once, and says when there is more', async t => {
  const call = await WholeCall.start(t, { serverArgs: ['--quota-calls-per-id', '1'] })
  await call.talking()
  t.same(await call.hangUp(), [0, 0])
  const { peer } = call.side('ABC', 'XYZ', 'congratulations', { name: 'again' })
  t.same(await peer.exit(), { code: 4, signal: null })
  const message = 'This server allows one id 1 call a day, and that is used up: there is more in 24 hours.'
  t.match(endOf(peer), { state: 'ended', reason: 'refused' })
  t.match(only('error', peer.events), [{ name: 'refused', message }])
  t.same(told(peer), ['refused'], 'said once')
})

t.test('hours used up: both are told, a call over the relay ends a minute later, a direct one goes on', async t => {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    metrics: openMetrics,
    // The direct pair has some of it at first: voice goes over the relay until the direct route is there.
    limits: { quotaMsPerAddress: 10_000 },
  })
  t.teardown(() => server.close())
  const lab = new Lab()
  t.teardown(() => lab.close())
  const pair = (route: 'auto' | 'relay', ...ids: readonly [string, string]) =>
    [ids, [ids[1], ids[0]] as const].map(([id, to]) => {
      const who = ['--id', id, '--to', to, '--server', `ws://127.0.0.1:${server.port}`, '--route', route]
      return lab.peer([...who, '--json', '--wait', '20', '--mic', 'tone', '--speaker', 'none'], { name: id, home: id })
    })
  const talks = (peer: Peer, route: 'direct' | 'relay') =>
    peer.event(event => event.event === 'state' && event.state === 'talking' && event.route === route, 20_000)

  const direct = pair('auto', 'DEF', 'UVW')
  await Promise.all(direct.map(peer => talks(peer, 'direct')))
  const relayed = pair('relay', 'ABC', 'XYZ')
  await Promise.all(relayed.map(peer => talks(peer, 'relay')))
  for (const peer of relayed) {
    t.same(await peer.exit(110_000), { code: 4, signal: null })
    t.same(told(peer), ['quotaEndsSoon', 'refused'])
    t.match(endOf(peer), { state: 'ended', reason: 'refused' })
    t.match(only('error', peer.events).at(-1), {
      message: /one address .*hours of relayed voice a day.* in 24 hours\./,
    })
  }
  const page = await fetch(`http://127.0.0.1:${server.port}/metrics`)
  const figures = parseExposition(await page.text())
  t.ok(numberOf(figures, 'voicechat_quota_refused_total', { quota: 'hoursPerAddress' }) >= 2)
  t.equal(numberOf(figures, 'voicechat_quota_nearly_used', { quota: 'hoursPerAddress' }), 1)

  for (const peer of direct) await peer.event(event => event.event === 'error' && event.name === 'quotaUsedUp', 20_000)
  await goesOn(t, direct)
  direct[0]!.send({ do: 'hangup' })
  for (const peer of direct) t.equal((await peer.exit()).code, 0)
})

/** Both are heard, directly, for some seconds more. */
async function goesOn(t: Test, peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) {
    const seen = peer.events.length
    for (let n = 0; n < 3; n++) await peer.event(({ event }) => event === 'stats', 20_000, peer.events.length)
    const states = only('state', peer.events.slice(seen))
    t.same(
      states.filter(({ state, route }) => state !== 'talking' || route !== 'direct'),
      [],
    )
    t.match(endOf(peer), { state: 'talking', route: 'direct' })
  }
}
