/** Three real servers over three real NATS servers, and real websockets. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { nodeIdentity } from '../../protocol/node-ed25519.js'
import { nodeRandom } from '../../protocol/node-random.js'
import { childPids } from '../lab/child-pids.js'
import { inFlight } from '../lab/in-flight.js'
import { freePort, Lab, type Server } from '../lab/lab.js'
import { NatsLab } from '../lab/nats.js'
import { WsClient } from '../signaling/ws-client.js'
import { Caller, speaking, talks, until } from './caller.js'

const skip = NatsLab.unavailable() ?? false
/** Longer than any test here may take. */
const LIMIT_MS = 240_000

async function clusterOf(t: Test, count: number, nats: NatsLab, lab: Lab, args: readonly string[] = []) {
  const servers: Server[] = []
  for (let n = 0; n < count; n++) {
    const port = await freePort()
    const cluster = ['--cluster', nats.urls[n % nats.urls.length]!, '--cluster-url', `ws://127.0.0.1:${port}`]
    const all = [...cluster, '--max-logins-per-address', '100000', ...args]
    servers.push(await lab.server({ port, args: all, limitMs: LIMIT_MS }))
  }
  for (const server of servers) await server.event(line => line.msg === 'in the cluster')
  // Each has said once that it is there.
  await sleep(1_500)
  t.teardown(() => lab.close())
  return servers
}

t.test('calls across servers, and what dies under them', { skip, timeout: 180_000 }, async t => {
  const nats = await NatsLab.start(3)
  t.teardown(() => nats.close())
  const servers = await clusterOf(t, 3, nats, new Lab())
  const [s1, s2, s3] = servers as [Server, Server, Server]

  const a = new Caller('a', 'b')
  const b = new Caller('b', 'a')
  await a.goTo(s1.url)
  await b.goTo(s2.url)
  t.ok((await a.matched()) && (await b.matched()), 'two who came in at different servers')
  t.equal(a.callId, b.callId)
  t.ok(await talks(a, b), 'over the bus')
  t.notOk(await a.follow())
  t.ok(await until(() => b.follow()), 'b is asked to move')
  t.equal(b.url, s1.url)
  t.ok(await talks(a, b), 'at the owner')

  const c = new Caller('c', 'd')
  const d = new Caller('d', 'c')
  await c.goTo(s2.url)
  await d.goTo(s3.url)
  t.ok((await c.matched()) && (await d.matched()))
  t.ok(await talks(c, d), 'this one stays on the bus')

  await nats.node(0).stop('SIGKILL')
  t.ok(await talks(a, b), 'a node of NATS dies: a call at one server goes on')
  t.ok(await talks(c, d), 'and one across servers')
  const e = new Caller('e', 'f')
  const f = new Caller('f', 'e')
  t.ok(
    await until(async () => {
      await e.goTo(s1.url)
      return true
    }),
  )
  await f.goTo(s3.url)
  t.ok((await e.matched()) && (await f.matched()), 'and new ones come about')

  const heardAll = speaking(t, c, d)
  s1.kill('SIGKILL')
  const [killed] = [performance.now()]
  await Promise.all([a.goTo(s2.url), b.goTo(s3.url)])
  t.ok((await a.matched()) && (await b.matched()), 'a server dies: its call goes on elsewhere')
  t.ok(await talks(a, b))
  t.comment(`${(performance.now() - killed).toFixed(0)} ms from the death of the server to voice both ways`)
  await sleep(2_000)
  await heardAll('others hear nothing of it')
})

t.test('servers of several processes in a cluster', { skip, timeout: 120_000 }, async t => {
  const nats = await NatsLab.start(1)
  t.teardown(() => nats.close())
  const servers = await clusterOf(t, 2, nats, new Lab(), ['--workers', '2'])
  const [s1, s2] = servers as [Server, Server]
  const at = ({ url }: Server, worker: number) => `${url}/?server=${worker}`
  const [a, b, c, d] = [new Caller('a', 'b'), new Caller('b', 'a'), new Caller('c', 'd'), new Caller('d', 'c')]
  await a.goTo(at(s1, 0))
  await b.goTo(at(s1, 1))
  await c.goTo(at(s1, 1))
  await d.goTo(at(s2, 1))
  t.ok((await a.matched()) && (await b.matched()), 'two at different processes of a server')
  t.ok((await c.matched()) && (await d.matched()), 'two at different servers')
  t.ok((await until(() => b.follow())) && (await until(() => d.follow())), 'are brought together')
  t.same([b.url, d.url], [a.url, c.url], 'in one process')
  t.ok((await talks(a, b)) && (await talks(c, d)))
  const stranger = await WsClient.online(at(s2, 0), 'a')
  t.match(
    stranger.heard.find(m => m.type === 'refused'),
    { reason: 'taken' },
    'an id is one key’s in all processes of all servers',
  )

  const others = speaking(t, c, d)
  const [first] = childPids(s1.pid!)
  const killed = performance.now()
  process.kill(first!, 'SIGKILL')
  await Promise.all([a, b].map(caller => caller.client.untilClosed()))
  const back = (caller: Caller, url: string) =>
    until(() =>
      caller.goTo(url).then(
        () => true,
        () => false,
      ),
    )
  t.same(
    await Promise.all([back(a, at(s2, 0)), back(b, s1.url)]),
    [true, true],
    'a process dies: its call goes on elsewhere',
  )
  t.ok((await a.matched()) && (await b.matched()) && (await talks(a, b)))
  t.comment(`${(performance.now() - killed).toFixed(0)} ms from the death of the process to voice both ways`)
  await others('those of others hear nothing of it')
})

t.test(
  'a name that is claimed at two servers at once is one of the two, a thousand times',
  {
    skip,
    timeout: 180_000,
  },
  async t => {
    const nats = await NatsLab.start(3)
    t.teardown(() => nats.close())
    const limits = ['--max-new-names-per-address', '100000', '--max-requests-per-address', '1000000']
    const [s1, s2] = (await clusterOf(t, 2, nats, new Lab(), limits)) as [Server, Server]
    const outcomes: Record<string, number> = {}
    const claimants = [s1, s2].map(({ url }) => ({ url, key: nodeIdentity(nodeRandom(32)) }))
    await inFlight(1_000, async n => {
      const clients = await Promise.all(claimants.map(({ url, key }) => WsClient.online(url, `name-${n}`, key)))
      const outcome = clients
        .map(({ heard }) => heard.flatMap(m => (m.type === 'online' ? 'online' : m.type === 'refused' ? m.reason : [])))
        .sort()
        .join(' and ')
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      for (const { socket } of clients) socket.terminate()
    })
    t.same(outcomes, { 'online and taken': 1_000 })
  },
)
