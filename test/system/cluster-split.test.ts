/**
 * Three hosts, each with a NATS server and a voicechat-server, whose network is cut between the third and the other two, and mended.
 * Everybody who calls reaches all three all the time.
 */
import { createConnection } from 'node:net'
import t, { type Test } from 'tap'
import type { ClientOptions } from 'ws'
import type { FromServer } from '../../protocol/signaling.js'
import { Lab, type Server } from '../lab/lab.js'
import { NatsLab } from '../lab/nats.js'
import { HostsLab } from '../lab/network-hosts.js'
import { run } from '../lab/network-namespace.js'
import { newIdentity } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'
import { Caller, speaking, talks, until } from './caller.js'

const skip = NatsLab.unavailable() ?? HostsLab.unavailable() ?? false
if (skip) t.comment(skip)

const PORT = 9001
const TAKEN = 'The id both belongs to someone else here. Choose another id.'
/** The hosts of the servers, and one from where people call. */
const SERVERS = [0, 1, 2] as const
const PEOPLE = 3
const script = (name: string) => new URL(`../lab/${name}`, import.meta.url).pathname

async function split(t: Test) {
  const hosts = await HostsLab.start(4)
  const lab = new Lab()
  const nats = NatsLab.startAt(SERVERS.map(n => ({ address: hosts.address(n), within: hosts.within(n) })))
  t.teardown(async () => {
    await Promise.all([lab.close(), nats.close()])
    hosts.stop()
  })
  const doors = SERVERS.map(n => ({ path: lab.path(`host-${n}`), at: `${hosts.address(n)}:${PORT}` }))
  const entrance = doors.map(({ path, at }) => `${path}=${at}`)
  const people = lab.program(script('doors-main.js'), entrance, { name: 'doors', within: hosts.within(PEOPLE) })
  for (const { path } of doors) await people.event(line => line.open === path)
  const start = (n: number) => {
    const [address, url] = [hosts.address(n), `ws://${hosts.address(n)}:${PORT}`]
    const args = ['--cluster', nats.urls[n]!, '--cluster-url', url]
    return lab.server({ port: PORT, address, within: hosts.within(n), args })
  }
  const servers = await Promise.all(SERVERS.map(start))
  for (const server of servers) await server.event(line => line.msg === 'in the cluster')
  const reach = (url: string): ClientOptions => {
    const { path } = doors.find(({ at }) => url === `ws://${at}`)!
    return { createConnection: () => createConnection(path) }
  }
  /** What a server says on a page of its own. */
  const page = (n: number, path: string) => {
    const [ip, ...how] = hosts.within(n)
    return run([ip!, ...how, 'curl', '--silent', `http://127.0.0.1:${PORT}${path}`])
  }
  const figure = (n: number, name: string) =>
    Number(new RegExp(`^voicechat_cluster_${name} (\\d+)$`, 'm').exec(page(n, '/metrics'))?.[1])
  return {
    hosts,
    servers: servers as [Server, Server, Server],
    page,
    figure,
    others: (n: number) => figure(n, 'servers'),
    caller: (id: string, to: string, identity = newIdentity()) => new Caller(id, to, reach, identity),
    /** Comes with an id at a server, and says nothing more: `online`, or why not. */
    comes: async (server: Server, id: string, identity = newIdentity()) => {
      const { url } = server
      const client = await WsClient.online(url, id, identity, undefined, undefined, {}, reach(url))
      /** Closes, and resolves when the server has noticed. */
      const leaves = async () => {
        const from = server.events.length
        client.socket.close()
        await client.untilClosed()
        if (outcomeOf(client) === 'online') await server.event(line => line.msg === 'offline', 10_000, from)
      }
      return { client, is: outcomeOf(client), leaves }
    },
  }
}

function outcomeOf({ heard }: WsClient): string {
  return heard.flatMap(m => (m.type === 'online' ? 'online' : m.type === 'refused' ? m.reason : []))[0] ?? ''
}

/** Two in a call, at these servers. */
async function meet(t: Test, [one, other]: readonly [Caller, Caller], at: readonly [Server, Server], what: string) {
  await one.goTo(at[0].url)
  await other.goTo(at[1].url)
  t.ok((await one.matched()) && (await other.matched()), what)
}

/** What someone heard from then on, but for lists of servers. */
function since({ client: { heard } }: Caller) {
  const from = heard.length
  return () => heard.slice(from).flatMap(m => (m.type === 'servers' ? [] : [wordsOf(m)]))
}

/** A message in short, as `presence absent`. */
function wordsOf(m: FromServer): string {
  const word = m.type === 'presence' ? m.state : m.type === 'matched' && m.resumed ? 'resumed' : ''
  return `${m.type} ${word}`.trim()
}

t.test('a network that splits, and heals', { skip, timeout: 180_000 }, async t => {
  const { hosts, servers, page, figure, others, caller, comes } = await split(t)
  const [s1, s2, s3] = servers
  let at = performance.now()
  const note = (what: string) => t.comment(`${((performance.now() - at) / 1000).toFixed(1)} s ${what}`)
  const says = (server: Server, msg: RegExp) => until(() => server.events.some(line => msg.test(`${line.msg}`)))

  let tries = 0
  /** Whether an id that somebody had at the first server is theirs at the second. */
  const keepsNames = async () => {
    const id = `first-${tries++}`
    await (await comes(s1, id)).leaves()
    const { is, leaves } = await comes(s2, id)
    await leaves()
    return is === 'taken'
  }
  t.ok(await until(keepsNames, 60_000), 'NATS keeps names')
  note('until then')
  const held = newIdentity()
  await (await comes(s1, 'held', held)).leaves()
  const known = newIdentity()
  await (await comes(s3, 'known', known)).leaves()

  const moved = [caller('m1', 'm3'), caller('m3', 'm1')] as const
  await meet(t, moved, [s1, s3], 'a call across the hosts')
  t.ok(await until(async () => (await moved[1].follow()) || moved[0].follow()), 'one of the two moves')
  t.equal(moved[0].url, moved[1].url)
  const onBus = [caller('c', 'd'), caller('d', 'c')] as const
  await meet(t, onBus, [s1, s3], 'one whose sides stay where they are')
  t.ok(await talks(...onBus))
  const local = [caller('l1', 'l2'), caller('l2', 'l1')] as const
  await meet(t, local, [s3, s3], 'one at the third host')
  t.same(SERVERS.map(others), [2, 2, 2])
  const claimed = () => SERVERS.every(n => figure(n, 'names_unclaimed') === 0)
  t.ok(await until(claimed))
  const all = [speaking(t, ...moved), speaking(t, ...local)] as const
  const news = onBus.map(since)

  hosts.split([0, 1], [2])
  at = performance.now()
  for (const server of servers) t.ok(await says(server, /^server of the cluster out of reach/), 'each server says so')
  note('from the split until all have said that servers are out of reach')
  t.ok(await until(() => `${SERVERS.map(others)}` === '1,1,0'), 'and counts those that it hears')
  t.same(
    SERVERS.map(n => page(n, '/readyz')),
    Array(3).fill('{"status":"ready"}'),
    'all take new calls',
  )
  t.ok(await until(() => news.every(heard => heard().length > 0)))
  const owner = onBus.findIndex((_, n) => news[n]!().includes('away'))
  t.same(news[owner]!(), ['away'], 'the call over the bus: who is at its owner hears that the other is away')
  t.same(news[1 - owner]!(), ['presence absent'], 'the other, that its partner is not there')

  const across = [caller('y1', 'y3'), caller('y3', 'y1')] as const
  await across[0].goTo(s1.url)
  await across[1].goTo(s3.url)
  const waits = across.map(({ client }) => client)
  await meet(t, [caller('n1', 'n2'), caller('n2', 'n1')], [s1, s2], 'new calls between the first two')
  await meet(t, [caller('n3', 'n4'), caller('n4', 'n3')], [s3, s3], 'and at the third, by ids that are new')
  t.ok(await says(s3, /^names of the cluster out of reach/), 'which says that it can claim none')
  const back = await comes(s3, 'known', known)
  t.equal(back.is, 'online', 'whom it knows comes in')
  await back.leaves()
  t.equal((await comes(s3, 'known')).is, 'taken', 'with the right key alone')
  t.equal((await comes(s3, 'held')).is, 'online', 'an id that it does not know is let in with any')
  t.ok(await until(keepsNames, 60_000), 'the first two claim names')
  const both = [await comes(s1, 'both'), await comes(s3, 'both')] as const
  t.same(
    both.map(({ is }) => is),
    ['online', 'online'],
    'an id is let in on both sides',
  )
  t.equal(figure(2, 'names_unclaimed'), 5, 'which counts the ids that it could not claim: y3, n3, n4, held, both')
  t.same(
    waits.map(({ heard }) => heard.map(wordsOf).filter(word => /matched|presence|error|refused/.test(word))),
    [['presence absent'], ['presence absent']],
    'who waits for someone on the other side hears that they are not there',
  )
  note('after the split it heals')

  const from = servers.map(({ events }) => events.length)
  hosts.heal()
  at = performance.now()
  await until(() => across.every(each => each.matchedBy(each.client)), 60_000)
  t.ok((await across[0].matched()) && (await across[1].matched()), 'those who waited for each other are matched')
  note('from the healing until then')
  t.ok(await talks(...across))
  t.ok(await talks(...onBus), 'the call over the bus goes on')
  // While NATS learns again who listens where, it may be interrupted once more.
  t.match(news[owner]!().join(' '), /^(away back ?)+$/)
  t.match(news[1 - owner]!().slice(1), ['matched resumed'])
  for (const [n, server] of servers.entries())
    t.ok(await until(() => server.events.slice(from[n]).some(line => line.msg === 'server of the cluster heard')))
  t.ok(await until(() => `${SERVERS.map(others)}` === '2,2,2'))
  const lost = () => both.filter(({ client }) => client.has('refused'))
  t.ok(await until(() => lost().length > 0, 60_000), 'one of the two who took an id on both sides loses it')
  note('from the healing until then')
  const loser = lost()[0]?.client
  t.same(loser?.heard.at(-1), { type: 'refused', reason: 'taken', message: TAKEN }, 'and is told so')
  t.ok(await says(s3, /^names of the cluster answer again/))
  t.ok(await until(claimed, 60_000), 'no id is unclaimed any more')
  const keeper = both.find(({ client }) => client !== loser)!.client
  t.notOk(keeper.has('refused') || keeper.closed, 'so the other keeps it')
  t.equal((await comes(s2, 'held')).is, 'taken', 'what was claimed before is whose it was')
  t.equal((await comes(s2, 'held', held)).is, 'online')
  t.equal((await comes(s2, 'n3')).is, 'taken', 'who was new at the third server has its id in all')
  await all[0]('the call that had moved')
  await all[1]('the one at the third host')
})
