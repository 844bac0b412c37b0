/** Names of a cluster in real NATS servers. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { NatsBus } from '../../signaling/cluster/nats-bus.js'
import { NatsNames } from '../../signaling/cluster/nats-names.js'
import { NatsLab } from '../lab/nats.js'

const skip = NatsLab.unavailable() ?? false

/** What a server has of the cluster. */
function part(t: Test, servers: readonly string[], days = 30) {
  const failures: string[] = []
  const names = new NatsNames({ days, failed: why => failures.push(why) })
  const reports: boolean[] = []
  const bus = new NatsBus({
    servers,
    name: 'test',
    connected: connection => names.use(connection),
    report: isUp => reports.push(isUp),
  })
  t.teardown(() => bus.close())
  return { bus, names, failures, reports }
}

async function until(done: () => boolean | Promise<boolean>, ms = 20_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await done()) return true
  return done()
}

t.test('of two servers that claim a name at once one wins, a thousand times', { skip, timeout: 120_000 }, async t => {
  const nats = await NatsLab.start(3)
  t.teardown(() => nats.close())
  const parts = [0, 1].map(n => part(t, [nats.urls[n]!]))
  for (const { names } of parts) t.ok(await until(async () => (await names.claim('first', 'key')) === 'ours'))
  const outcomes: Record<string, number> = {}
  for (let n = 0; n < 1_000; n++) {
    const claims = await Promise.all(parts.map(({ names }, key) => names.claim(`name-${n}`, `key-${key}`)))
    const outcome = [...claims].sort().join(' and ')
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  t.same(outcomes, { 'ours and taken': 1_000 })
  const [one, other] = parts
  const again = await one!.names.claim('name-7', 'key-0')
  t.equal(await other!.names.claim('name-7', 'key-1'), again === 'ours' ? 'taken' : 'ours')
  await other!.names.release('name-7')
  t.equal(await one!.names.claim('name-7', 'another'), 'ours', 'released, it is free')
  // A node dies: what was claimed stays claimed.
  await nats.node(2).stop('SIGKILL')
  t.ok(await until(async () => (await one!.names.claim('name-7', 'another')) === 'ours'))
  t.equal(await other!.names.claim('name-7', 'key-0'), 'taken')
  t.equal(await other!.names.claim('after', 'key-0'), 'ours')
  // All of it comes back from disk.
  for (const n of [0, 1]) await nats.node(n).stop('SIGKILL')
  t.equal(await one!.names.claim('name-7', 'key-0'), 'unreachable')
  for (const n of [0, 1, 2]) nats.node(n).start()
  t.ok(await until(async () => (await one!.names.claim('name-7', 'key-0')) === 'taken', 60_000))
})

t.test('a name that nobody uses is free after its days', { skip, timeout: 60_000 }, async t => {
  const nats = await NatsLab.start(1)
  t.teardown(() => nats.close())
  const { bus, names } = part(t, nats.urls, 2 / 86_400)
  t.ok(await until(() => bus.isUp))
  t.equal(await names.claim('short', 'one'), 'ours')
  t.equal(await names.claim('short', 'two'), 'taken')
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
