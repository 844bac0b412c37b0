/** Two and three servers that know each other, on a virtual clock: who is matched where, how a side moves, and what happens when one dies. */
import t, { type Test } from 'tap'
import { Admission } from '../../signaling/admission.js'
import type { FakeClient } from './fake-client.js'
import { cluster, keyOf, type Program, program } from './fake-cluster.js'

type World = ReturnType<typeof cluster>
const payload = (n: number) => Uint8Array.of(n, n, n)
const voiceOf = (client: FakeClient) => client.voice.splice(0).map(([n]) => n)
/** What a client heard of calls. */
const newsOf = (client: FakeClient) => client.news().filter(type => type !== 'servers')
const abc = () => program('abc')
const xyz = () => program('xyz')

/** The two in a call, at these servers. */
async function callAt(world: World, [one, other]: readonly [string, string], [a, x]: readonly [Program, Program]) {
  const caller = (await world.at(one, a)).say({ type: 'call', to: x.id })
  await world.run(5)
  const called = (await world.at(other, x)).say({ type: 'call', to: a.id })
  await world.run(5)
  return { caller, called, callId: caller.last('matched')?.callId }
}

/** That voice goes both ways. */
async function talk(t: Test, world: World, one: FakeClient, other: FakeClient, what: string) {
  for (let n = 0; n < 20; n++) {
    one.leg.send(payload(n))
    other.leg.send(payload(100 + n))
    await world.run(20)
  }
  t.same(voiceOf(other), [...Array(20).keys()], `${what}: there`)
  t.same(
    voiceOf(one),
    [...Array(20).keys()].map(n => 100 + n),
    `${what}: and back`,
  )
}

for (const order of ['the smaller id first', 'the smaller id last'])
  t.test(`two who came in at different servers are matched, ${order}`, async t => {
    const world = cluster(['s1', 's2'])
    const two = order.endsWith('first') ? ([abc(), xyz()] as const) : ([xyz(), abc()] as const)
    const { caller, called, callId } = await callAt(world, ['s1', 's2'], two)
    t.equal(called.last('matched')?.callId, callId)
    t.equal(called.last('matched')?.peer, two[0].id)
    t.equal(caller.last('matched')?.resumed, false)
    caller.say({ type: 'pass', callId, data: 'QUJD' })
    await world.run(5)
    t.equal(called.last('pass')?.data, 'QUJD')
    await talk(t, world, caller, called, 'over the bus')
    const moved = [caller, called].filter(client => client.last('move'))
    t.equal(moved.length, 1, 'one of them is to move, to where the other is')
    caller.say({ type: 'leave', reason: 'hungUp' })
    await world.run(5)
    t.equal(called.last('left')?.callId, callId)
    t.same(
      Object.values(world.servers).map(({ hub }) => [hub.peers, hub.calls, hub.cluster?.figures]),
      [
        [1, 0, { remote: 0, attached: 0, servers: 1, up: 1 }],
        [1, 0, { remote: 0, attached: 0, servers: 1, up: 1 }],
      ],
      'nothing is left of the call',
    )
    // And once more, with the same sockets.
    called.say({ type: 'call', to: two[0].id })
    caller.say({ type: 'call', to: two[1].id })
    await world.run(5)
    t.not(caller.last('matched')!.callId, callId)
    t.equal(called.last('matched')!.callId, caller.last('matched')!.callId)
  })

t.test('a side moves to the owner of its call, and no frame is lost', async t => {
  const world = cluster(['s1', 's2'])
  const [a, x] = [abc(), xyz()]
  const { caller, called, callId } = await callAt(world, ['s1', 's2'], [a, x])
  t.equal(called.last('move')?.url, 'ws://s1.test:9001')
  const fresh = await world.at('s1', x)
  t.same(newsOf(fresh), ['challenge', 'online'])
  await talk(t, world, caller, called, 'with the old socket still')
  fresh.say({ type: 'call', to: 'abc', resume: callId })
  // What was on its way at that moment.
  caller.leg.send(payload(1))
  await world.run(5)
  t.same(newsOf(fresh), ['matched'])
  t.same([...voiceOf(called), ...voiceOf(fresh)], [1])
  // And what came by the old socket before its program knew that it is matched.
  voiceOf(caller)
  called.leg.send(payload(2))
  called.say({ type: 'leave', reason: 'hungUp' })
  await world.run(5)
  t.same(voiceOf(caller), [2])
  t.equal(called.closed, null)
  await world.run(2_000)
  t.equal(called.closed, 'replaced')
  t.same(newsOf(caller), ['challenge', 'online', 'presence', 'matched'], 'the other hears nothing of it')
  const before = world.buses.counts.get('voice')
  await talk(t, world, caller, fresh, 'at the owner')
  t.equal(world.buses.counts.get('voice'), before, 'voice stays off the bus')
  t.same(world.servers.s2!.hub.peers, 0)
})

t.test('a socket that falls comes back at any server, to its call', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x] = [abc(), xyz()]
  const { caller, called, callId } = await callAt(world, ['s1', 's2'], [a, x])
  called.hangUp()
  await world.run(5)
  t.equal(caller.last('away')?.callId, callId)
  const third = (await world.at('s3', x)).say({ type: 'call', to: 'abc', resume: callId })
  await world.run(5)
  t.match(third.last('matched'), { callId, resumed: true })
  t.equal(caller.last('back')?.callId, callId)
  await talk(t, world, caller, third, 'from the third server')
  // Now the one at the owner falls.
  caller.hangUp()
  await world.run(5)
  t.equal(third.last('away')?.callId, callId)
  const again = (await world.at('s2', a)).say({ type: 'call', to: 'xyz', resume: callId })
  await world.run(5)
  t.match(again.last('matched'), { callId, resumed: true })
  await talk(t, world, again, third, 'with no socket at the owner')
})

t.test('when an owner dies, its call goes on at another server', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x] = [abc(), xyz()]
  const { called, callId } = await callAt(world, ['s1', 's2'], [a, x])
  // Killed: no word, and its sockets are gone.
  world.servers.s1!.bus.set(false)
  const again = (await world.at('s3', a)).say({ type: 'call', to: 'xyz', resume: callId })
  await world.run(1_000)
  t.match(again.last('matched'), { callId, resumed: true })
  t.match(called.last('matched'), { callId, resumed: true })
  await talk(t, world, again, called, 'at the new owner')
})

t.test('who comes back before the bus knows that an owner has died is let in as soon as it knows', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const a = abc()
  const { called, callId } = await callAt(world, ['s1', 's2'], [a, xyz()])
  world.servers.s1!.bus.die(50)
  const again = await world.at('s3', a)
  await world.run(200)
  t.ok(again.last('online'))
  again.say({ type: 'call', to: 'xyz', resume: callId })
  await world.run(1_000)
  t.match(again.last('matched'), { callId, resumed: true })
  await talk(t, world, again, called, 'at the new owner')
})

t.test('when a gateway dies, the other side hears that its partner is away, and it comes back', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x] = [abc(), xyz()]
  const { caller, callId } = await callAt(world, ['s1', 's2'], [a, x])
  world.servers.s2!.bus.set(false)
  await world.run(1_000)
  t.equal(caller.last('away')?.callId, callId)
  const again = (await world.at('s3', x)).say({ type: 'call', to: 'abc', resume: callId })
  await world.run(5)
  t.match(again.last('matched'), { callId, resumed: true })
  await talk(t, world, caller, again, 'from the third server')
})

t.test('a server that drains sends both sides of a call to one other, and no frame is lost', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x] = [abc(), xyz()]
  const old = await callAt(world, ['s1', 's1'], [a, x])
  await world.run(1_500)
  t.ok(world.servers.s1!.hub.drain())
  await world.run(1_500)
  const url = old.caller.last('move')?.url
  t.equal(old.called.last('move')?.url, url)
  const name = url!.slice('ws://'.length, url!.indexOf('.'))
  t.not(name, 's1')
  const caller = await world.at(name, a)
  caller.say({ type: 'call', to: 'xyz', resume: old.callId })
  await world.run(5)
  t.match(caller.last('matched'), { callId: old.callId, resumed: true })
  await talk(t, world, caller, old.called, 'one has moved')
  const called = await world.at(name, x)
  called.say({ type: 'call', to: 'abc', resume: old.callId })
  await world.run(5)
  t.match(called.last('matched'), { callId: old.callId, resumed: true })
  const before = world.buses.counts.get('voice')
  await talk(t, world, caller, called, 'both have moved')
  t.equal(world.buses.counts.get('voice'), before, 'off the bus')
  t.same([old.caller.last('away'), old.called.last('away'), caller.last('away')], [undefined, undefined, undefined])
  await world.run(100)
  t.same(world.servers.s1!.hub.backlog.online, 0)
  t.match(world.servers[name]!.hub.cluster!.figures, { remote: 0, attached: 0 })
})

t.test('who waits at a server that drains waits on at another', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x] = [abc(), xyz()]
  const waiting = (await world.at('s1', a)).say({ type: 'call', to: 'xyz' })
  await world.run(1_500)
  world.servers.s1!.hub.drain()
  await world.run(1_500)
  t.ok(waiting.last('move'))
  const moved = (await world.at('s2', a)).say({ type: 'call', to: 'xyz' })
  await world.run(2_100)
  t.equal(waiting.closed, 'replaced')
  t.same(moved.last('presence')?.state, 'absent')
  ;(await world.at('s3', x)).say({ type: 'call', to: 'abc' })
  await world.run(5)
  t.equal(moved.last('matched')?.peer, 'xyz')
})

t.test('the same program is online once in the cluster', async t => {
  const world = cluster(['s1', 's2'])
  const a = abc()
  const first = await world.at('s1', a)
  t.same((await world.at('s2', { ...a, session: xyz().session })).news(), ['challenge', 'refused elsewhere'])
  first.alive = false
  const second = await world.at('s2', { ...a, session: xyz().session })
  await world.run(1_100)
  t.same(newsOf(second), ['challenge', 'online'])
  t.equal(first.closed, 'replaced')
  t.same((await world.at('s1', abc())).news(), ['challenge', 'refused taken'], 'another key')
})

t.test('of two programs with one key that come to two servers at once one stays', async t => {
  const world = cluster(['s1', 's2'])
  const a = abc()
  await world.run(1_500)
  const both = await Promise.all([world.at('s1', a), world.at('s2', { ...a, session: xyz().session })])
  await world.run(10)
  const outcomes = both.map(client => newsOf(client).at(-1))
  t.same(outcomes.sort(), ['online', 'refused elsewhere'])
})

t.test('tells who is busy across servers only to those whom the busy one named', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x, c] = [abc(), xyz(), program('cde')]
  const waiting = (await world.at('s3', c)).say({ type: 'call', to: 'abc' })
  const named = (await world.at('s1', a)).say({ type: 'call', to: 'other' })
  await world.run(5)
  t.equal(waiting.last('presence')?.state, 'absent')
  named.say({ type: 'call', to: 'cde' })
  await world.run(5)
  waiting.say({ type: 'leave', reason: 'hungUp' })
  named.say({ type: 'call', to: 'xyz' })
  ;(await world.at('s2', x)).say({ type: 'call', to: 'abc' })
  await world.run(5)
  t.equal(named.last('matched')?.peer, 'xyz')
  waiting.say({ type: 'call', to: 'abc' })
  await world.run(5)
  t.equal(waiting.last('presence')?.state, 'busy')
  const stranger = (await world.at('s3', program('str'))).say({ type: 'call', to: 'abc' })
  await world.run(5)
  t.equal(stranger.last('presence')?.state, 'absent')
  named.say({ type: 'leave', reason: 'hungUp' })
  await world.run(5)
  t.equal(waiting.last('presence')?.state, 'absent')
})

t.test('a split network: each part goes on by itself, and they find each other again', async t => {
  const world = cluster(['s1', 's2', 's3'])
  const [a, x] = [abc(), xyz()]
  const local = await callAt(world, ['s1', 's1'], [program('one'), program('two')])
  world.servers.s3!.bus.island = 1
  await world.run(4_000)
  const caller = (await world.at('s1', a)).say({ type: 'call', to: 'xyz' })
  const called = (await world.at('s3', x)).say({ type: 'call', to: 'abc' })
  await world.run(100)
  t.same([caller.last('matched'), called.last('matched')], [undefined, undefined])
  await talk(t, world, local.caller, local.called, 'those at one server')
  world.servers.s3!.bus.island = 0
  await world.run(1_100)
  t.equal(called.last('matched')?.callId, caller.last('matched')?.callId)
  t.ok(called.last('matched'))
  await talk(t, world, caller, called, 'after the healing')
})

t.test('without the bus a server goes on with its own calls, and joins the others when it is back', async t => {
  const world = cluster(['s1', 's2'])
  for (const { bus } of Object.values(world.servers)) bus.set(false)
  const local = await callAt(world, ['s1', 's1'], [program('one'), program('two')])
  await talk(t, world, local.caller, local.called, 'at one server')
  const caller = (await world.at('s1', abc())).say({ type: 'call', to: 'xyz' })
  const called = (await world.at('s2', xyz())).say({ type: 'call', to: 'abc' })
  await world.run(100)
  t.equal(caller.last('matched'), undefined)
  for (const { bus } of Object.values(world.servers)) bus.set(true)
  await world.run(100)
  t.equal(caller.last('matched')?.callId, called.last('matched')?.callId)
  t.ok(caller.last('matched'))
})

t.test('tells each peer where else it could go, when that changes', async t => {
  const world = cluster(['s1', 's2', 's3'])
  await world.run(3_000)
  const client = await world.at('s1', abc())
  t.same(client.last('servers')?.urls, ['ws://s2.test:9001', 'ws://s3.test:9001'])
  await world.run(3_000)
  t.same(client.news(), ['challenge', 'online', 'servers'], 'once')
  world.servers.s2!.hub.drain()
  await world.run(5)
  t.same(client.last('servers')?.urls, ['ws://s3.test:9001'])
})

t.test('who closes for good leaves no timer', async t => {
  const world = cluster(['s1', 's2'])
  await callAt(world, ['s1', 's2'], [abc(), xyz()])
  for (const { hub } of Object.values(world.servers)) hub.close()
  await world.run(12_000)
  t.equal(world.clock.pending, 0)
})

t.test('an id is claimed once in the cluster, and stays whose it is', async t => {
  const world = cluster(['s1', 's2'])
  const a = abc()
  ;(await world.at('s1', a)).hangUp()
  t.same((await world.at('s2', abc())).news(), ['challenge', 'refused taken'])
  t.match(newsOf(await world.at('s2', a)), ['challenge', 'online'])
})

t.test('without the store who is known comes in, an unknown id too, and it is claimed later', async t => {
  const world = cluster(['s1', 's2'])
  const [a, x] = [abc(), xyz()]
  ;(await world.at('s1', a)).hangUp()
  world.names.isUp = false
  t.match(newsOf(await world.at('s1', a)), ['challenge', 'online'])
  t.same((await world.at('s1', abc())).news(), ['challenge', 'refused taken'], 'of another key')
  const one = await world.at('s1', x)
  t.match(newsOf(one), ['challenge', 'online'], 'whom nobody knows')
  // Its rightful owner has come to the other server before.
  world.names.holders.set('xyz', 'another')
  world.names.isUp = true
  await world.run(15_100)
  t.same(newsOf(one), ['refused taken'])
  t.same((await world.at('s1', x)).news(), ['challenge', 'refused taken'])
})

t.test('whom the access file gives an id has it, whoever claimed it before', async t => {
  const admission = new Admission()
  const world = cluster(['s1', 's2'], { admission })
  const changed = (...grants: readonly (readonly [Program, string | null])[]) => {
    admission.setListed(grants.map(([who, id]) => ({ key: keyOf(who), id })))
    for (const { hub } of Object.values(world.servers)) hub.admissionChanged()
  }
  const [old, fresh, third] = [abc(), abc(), abc()]
  changed([old, null], [fresh, null])
  const first = await world.at('s1', old)
  t.same((await world.at('s2', fresh)).news(), ['challenge', 'refused taken'])
  changed([old, null], [fresh, 'abc'])
  await world.run(5)
  t.equal(first.closed, 'notAllowed')
  const second = await world.at('s2', fresh)
  t.match(newsOf(second), ['challenge', 'online'])
  t.equal(world.names.holders.get('abc'), keyOf(fresh), 'in the whole cluster')
  second.hangUp()
  t.match(newsOf(await world.at('s1', fresh)), ['challenge', 'online'], 'also where the old one was known')
  // Taken off the list, it has its id no more, and anyone may claim it.
  changed([third, null])
  t.match(newsOf(await world.at('s2', third)), ['challenge', 'online'])
  // The file counts without the store as well, and the store hears of it later.
  world.names.isUp = false
  changed([fresh, 'abc'])
  await world.run(5)
  t.match(newsOf(await world.at('s2', fresh)), ['challenge', 'online'])
  world.names.isUp = true
  await world.run(15_100)
  t.equal(world.names.holders.get('abc'), keyOf(fresh))
  t.equal(world.servers.s2!.hub.peers, 1)
})

t.test('a call that runs does not end for a name that is lost', async t => {
  const world = cluster(['s1', 's2'])
  world.names.isUp = false
  const { caller, called } = await callAt(world, ['s1', 's1'], [abc(), xyz()])
  world.names.holders.set('xyz', 'another')
  world.names.isUp = true
  await world.run(15_100)
  await talk(t, world, caller, called, 'still')
  called.say({ type: 'leave', reason: 'hungUp' })
  await world.run(15_100)
  t.equal(called.last('refused')?.reason, 'taken', "but the id is the other one's when it is over")
  t.same((await world.at('s1', xyz())).news(), ['challenge', 'refused taken'])
})

t.test('nor does one whose other side is at another server', async t => {
  const world = cluster(['s1', 's2'])
  world.names.isUp = false
  const { caller, called } = await callAt(world, ['s1', 's2'], [abc(), xyz()])
  world.names.holders.set('abc', 'another').set('xyz', 'another')
  world.names.isUp = true
  await world.run(15_100)
  await talk(t, world, caller, called, 'still')
  caller.say({ type: 'leave', reason: 'hungUp' })
  await world.run(15_100)
  t.same(
    [caller, called].map(each => each.last('refused')?.reason),
    ['taken', 'taken'],
  )
})

t.test('who took an id in a split network does not get into the call of the one who has it', async t => {
  const world = cluster(['s1', 's2', 's3'])
  world.servers.s3!.bus.island = 1
  const { caller, called, callId } = await callAt(world, ['s1', 's2'], [abc(), xyz()])
  await talk(t, world, caller, called, 'those on one side')
  world.names.isUp = false
  const other = (await world.at('s3', xyz())).say({ type: 'call', to: 'abc' })
  await world.run(5)
  t.equal(other.last('presence')?.state, 'absent')
  world.servers.s3!.bus.island = 0
  await world.run(16_000)
  await talk(t, world, caller, called, 'still')
  t.equal(caller.last('matched')?.callId, callId)
  t.equal(other.last('matched'), undefined)
  // The names are back later than the network.
  world.names.isUp = true
  await world.run(15_100)
  t.equal(other.last('refused')?.reason, 'taken')
  await talk(t, world, caller, called, 'and after it has lost the id')
})

t.test('each server counts what comes in at its own sockets, and the calls that it owns', async t => {
  const world = cluster(['s1', 's2'], { limits: { quotaBytesPerId: 1_000, quotaCallsPerId: 1 } })
  t.teardown(() => Object.values(world.servers).forEach(({ hub }) => void hub.close()))
  const { caller, called } = await callAt(world, ['s1', 's2'], [abc(), xyz()])
  const nearly = () => Object.values(world.servers).map(({ hub }) => hub.quotasNearlyUsedUp)
  const calls = nearly().map(({ callsPerId }) => callsPerId)
  t.same([...calls].sort(), [0, 2], 'the owner counts it for both')
  for (let n = 0; n < 100; n++) {
    caller.leg.send(new Uint8Array(100))
    called.leg.send(new Uint8Array(5))
    await world.run(20)
  }
  await world.run(5_000)
  t.match(nearly()[0], { megabytesPerId: 1 }, 'of abc')
  t.match(nearly()[1], { megabytesPerId: 0 }, 'of xyz')
  t.match(caller.last('error'), { name: 'quotaEndsSoon', message: /relayed voice/ })
})
