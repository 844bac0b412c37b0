/** Names of a cluster in real NATS servers. */
import t, { type Test } from 'tap'
import type { ClusterClaim } from '../../signaling/cluster/name-store.js'
import { NatsBus } from '../../signaling/cluster/nats-bus.js'
import { NatsNames } from '../../signaling/cluster/nats-names.js'
import { inFlight } from '../lab/in-flight.js'
import { NatsLab } from '../lab/nats.js'
import { until } from './caller.js'

const skip = NatsLab.unavailable() ?? false

/** What a server has of the cluster. */
function part(t: Test, servers: readonly string[], days = 30) {
  const answered: boolean[] = []
  const names = new NatsNames({ days, report: answers => answered.push(answers) })
  const reports: boolean[] = []
  const bus = new NatsBus({
    servers,
    name: 'test',
    connected: connection => names.use(connection),
    report: isUp => reports.push(isUp),
  })
  t.teardown(() => bus.close())
  return { bus, names, answered, reports }
}

t.test('of two servers that claim a name at once one wins, a thousand times', { skip, timeout: 120_000 }, async t => {
  const nats = await NatsLab.start(3)
  t.teardown(() => nats.close())
  // One after the other: of two that make the bucket at the same time NATS lets one wait for 5 s.
  const parts: ReturnType<typeof part>[] = []
  for (const url of nats.urls.slice(0, 2)) {
    parts.push(part(t, [url]))
    t.ok(await until(async () => (await parts.at(-1)!.names.claim('first', 'key')) === 'ours'))
  }
  const outcomes: Record<string, number> = {}
  await inFlight(1_000, async n => {
    const claims = await Promise.all(parts.map(({ names }, key) => names.claim(`name-${n}`, `key-${key}`)))
    const outcome = claims.map(claim => (typeof claim === 'string' ? claim : `of ${claim.holder}`)).sort()
    const holder = `of key-${claims.indexOf('ours')}`
    const told = outcome.map(each => (each === holder ? 'told whose it is' : each)).join(' and ')
    outcomes[told] = (outcomes[told] ?? 0) + 1
  })
  t.same(outcomes, { 'told whose it is and ours': 1_000 })
  const [one, other] = parts
  // On a busy machine an answer may take longer than a server waits for it.
  const answered = async (claim: () => Promise<ClusterClaim>) => {
    let answer = await claim()
    for (let tries = 0; answer === 'unreachable' && tries < 50; tries++) answer = await claim()
    return answer
  }
  const claimed = await answered(() => one!.names.claim('name-7', 'key-0'))
  const holder = typeof claimed === 'string' ? 'key-0' : claimed.holder
  t.same(await other!.names.claim('name-7', 'another', 'whoever'), { holder }, 'not taken from somebody else')
  const both = await Promise.all(parts.map(({ names }, n) => answered(() => names.claim('name-7', `new-${n}`, holder))))
  t.equal(both.filter(claim => claim === 'ours').length, 1, 'of two who take it at once one wins as well')
  const winner = `new-${both.indexOf('ours')}`
  t.same(await one!.names.claim('name-7', 'another', winner), 'ours', 'and it can be taken from that one')
  // A node dies: what was claimed stays claimed.
  await nats.node(2).stop('SIGKILL')
  t.ok(await until(async () => (await one!.names.claim('name-7', 'another')) === 'ours'))
  t.same(await other!.names.claim('name-7', 'key-0'), { holder: 'another' })
  t.equal(await other!.names.claim('after', 'key-0'), 'ours')
  // All of it comes back from disk.
  for (const n of [0, 1]) await nats.node(n).stop('SIGKILL')
  t.equal(await one!.names.claim('name-7', 'key-0'), 'unreachable')
  for (const n of [0, 1, 2]) nats.node(n).start()
  const known = async () => typeof (await one!.names.claim('name-7', 'key-0')) !== 'string'
  t.ok(await until(known, 60_000))
})

t.test('a name that nobody uses is free after its days', { skip, timeout: 60_000 }, async t => {
  const nats = await NatsLab.start(1)
  t.teardown(() => nats.close())
  const { bus, names } = part(t, nats.urls, 2 / 86_400)
  t.ok(await until(() => bus.isUp))
  t.equal(await names.claim('short', 'one'), 'ours')
  t.same(await names.claim('short', 'two'), { holder: 'one' })
  t.ok(await until(async () => (await names.claim('short', 'two')) === 'ours'))
})

t.test('a bus begins without NATS, says so, and finds it', { skip, timeout: 60_000 }, async t => {
  const nats = await NatsLab.start(1)
  t.teardown(() => nats.close())
  await nats.node(0).stop()
  const { bus, names, reports } = part(t, nats.urls)
  const other = part(t, nats.urls)
  const heard: string[] = []
  bus.subscribe('voicechat.id.a', (message, answer) => {
    heard.push(Buffer.from(message).toString())
    answer(Buffer.from('here'))
  })
  t.ok(await until(() => reports.length === 1))
  t.same(reports, [false])
  t.equal(await bus.request('voicechat.id.a', Buffer.from('x'), 1_000), 'silence')
  t.equal(await names.claim('a', 'key'), 'unreachable')
  nats.node(0).start()
  t.ok(await until(() => bus.isUp && other.bus.isUp))
  const asked = await other.bus.request('voicechat.id.a', Buffer.from('hello'), 2_000)
  t.equal(typeof asked === 'string' ? asked : Buffer.from(asked).toString(), 'here')
  t.equal(await other.bus.request('voicechat.id.b', Buffer.from('hello'), 2_000), 'nobody')
  await nats.node(0).stop('SIGKILL')
  t.ok(await until(() => !bus.isUp))
  bus.publish('voicechat.id.a', Buffer.from('lost'))
  nats.node(0).start()
  t.ok(await until(() => bus.isUp && other.bus.isUp))
  other.bus.publish('voicechat.id.a', Buffer.from('again'))
  t.ok(await until(() => heard.includes('again')))
  t.same(heard, ['hello', 'again'])
  t.same(reports, [false, true, false, true])
})
