import t from 'tap'
import { ContactsInMemory } from '../../peer/trust/contacts.js'
import { guessesInMemory } from '../../peer/trust/guesses.js'
import { createIdentity } from '../../protocol/identity.js'
import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { SEALED_BYTES } from '../../protocol/sealing.js'
import { call, relayOnly, talking } from './relay-call.js'
import { longestGap, type Person, World } from './world.js'

/** How often keys were agreed on. */
const agreements = ({ views }: Person) =>
  views.filter(({ state }, i) => state === 'agreeing' && views[i - 1]?.state !== 'agreeing').length

t.test('two people talk, and one hangs up', async t => {
  const { world, abc, xyz, leaks } = await call(1)
  t.equal(abc.peer.view.verified, true)
  t.equal(abc.peer.view.code, xyz.peer.view.code)
  await world.run(10_000)
  t.ok(abc.heard.length > 450 && xyz.heard.length > 450, 'both hear ten seconds')
  t.ok(longestGap(abc.heard) <= 40, `no gap (${longestGap(abc.heard)} ms)`)
  abc.peer.do({ type: 'hangUp' })
  await world.run(3_000)
  t.match(abc.end, { reason: 'hungUp' })
  t.match(xyz.end, { reason: 'peerHungUp' })
  t.equal(world.server.hub?.calls, 0, 'the server forgot the call')
  t.equal(world.server.hub?.peers, 0)
  t.equal(leaks.count, 0)
  await world.run(120_000)
  t.equal(world.clock.pending, 0, 'no timer is left')
})

t.test('both hang up at once', async t => {
  const { world, abc, xyz } = await call(2)
  abc.peer.do({ type: 'hangUp' })
  xyz.peer.do({ type: 'hangUp' })
  await world.run(3_000)
  t.match([abc.end, xyz.end], [{ reason: 'hungUp' }, { reason: 'hungUp' }])
})

t.test('a wrong password ends both sides as unverified, and nothing is played', async t => {
  const world = new World(3)
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'one', relayOnly)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'other', relayOnly)
  await world.run(12_000)
  t.match([abc.end, xyz.end], [{ reason: 'unverified' }, { reason: 'unverified' }])
  t.equal(abc.heard.length + xyz.heard.length, 0)
})

t.test('a password on one side only is said so', async t => {
  const world = new World(4)
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'one', relayOnly)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, null, relayOnly)
  await world.run(12_000)
  t.match([abc.end, xyz.end], [{ reason: 'unverified' }, { reason: 'unverified' }])
  t.match(`${abc.end?.detail} ${xyz.end?.detail}`, /gave none/)
})

t.test('without a password both see the same code, unverified until confirmed', async t => {
  const { abc, xyz } = await call(5, null)
  t.match(abc.peer.view, { mode: 'code', verified: false, code: /^[A-Z2-7]{6}$/ })
  t.equal(abc.peer.view.code, xyz.peer.view.code)
  abc.peer.do({ type: 'confirm' })
  t.equal(abc.peer.view.verified, true)
})

t.test(
  'who confirmed the code knows the other one from then on, also when keys are agreed anew in mid-call',
  async t => {
    const { world, abc, xyz } = await call(18, null)
    t.match(abc.peer.view, { how: 'code', since: null })
    abc.peer.do({ type: 'confirm' })
    await world.run(500)
    xyz.kill()
    const again = world.person({ id: 'XYZ', to: 'ABC' }, null, { ...relayOnly, identityOf: xyz })
    t.ok(await world.until(() => talking(abc, again), 20_000), 'they talk again')
    t.match(abc.peer.view, { verified: true, how: 'pinned' })
    t.match(again.peer.view, { verified: false, how: 'code' }, 'that side has confirmed nothing')
  },
)

t.test('another key under a known id is a hard stop, in mid-call too', async t => {
  const { world, abc, xyz } = await call(19)
  xyz.kill()
  world.server.crash()
  await world.run(500)
  world.server.start()
  const heard = abc.heard.length
  const other = world.person({ id: 'XYZ', to: 'ABC' }, 'open sesame', relayOnly)
  t.ok(await world.until(() => abc.end !== null && other.end !== null, 60_000))
  t.match(abc.end, { reason: 'unverified', distrust: { name: 'changedKey' } })
  t.match(other.end, { reason: 'unverified', distrust: null })
  t.equal(abc.heard.slice(heard).filter(({ frame }) => frame !== null).length, 0, 'nothing of the other one is played')
  t.equal(other.heard.length, 0)
})

t.test('what cannot be remembered is told, and the call goes on', async t => {
  class Full extends ContactsInMemory {
    override pin(): void {
      throw new Error('The disk is full.')
    }
  }
  for (const password of ['open sesame', null]) {
    const world = new World(20)
    const contacts = new Full(() => 0)
    const guesses = guessesInMemory(() => 0)
    const identity = createIdentity(world.random.fork('own').bytes)
    const abc = world.person({ id: 'ABC', to: 'XYZ' }, password, {
      ...relayOnly,
      identityOf: { identity, contacts, guesses },
    })
    const xyz = world.person({ id: 'XYZ', to: 'ABC' }, password, relayOnly)
    t.ok(await world.until(() => talking(abc, xyz), 10_000))
    abc.peer.do({ type: 'confirm' })
    await world.run(1_000)
    t.same(abc.problems, ['notRemembered'])
    t.match(abc.peer.view, { state: 'talking', verified: true })
    t.ok(talking(abc, xyz))
  }
})

t.test('a muted side sends nothing of its microphone, and frames of the same size', async t => {
  const { world, abc, xyz } = await call(6)
  const sizes = new Set<number>()
  world.onWire.push(({ data }) => typeof data !== 'string' && sizes.add(data.length))
  await world.run(1_000)
  abc.peer.do({ type: 'mute' })
  await world.run(500)
  const before = xyz.heard.filter(({ frame }) => frame !== null).length
  await world.run(2_000)
  t.equal(xyz.heard.filter(({ frame }) => frame !== null).length, before)
  t.equal(xyz.peer.view.peerMuted, true)
  t.ok(talking(abc, xyz), 'the call is alive')
  t.strictSame([...sizes], [LEG_HEADER_BYTES + SEALED_BYTES], 'one size')
  abc.peer.do({ type: 'unmute' })
  await world.run(1_000)
  t.ok(xyz.heard.filter(({ frame }) => frame !== null).length > before + 30, 'it is heard again')
})

t.test('a side that dies is silent within 2 s and vanished by 35 s', async t => {
  const { world, abc, xyz } = await call(7)
  xyz.kill()
  await world.run(2_000)
  t.equal(abc.peer.view.silent, true)
  t.equal(abc.peer.view.route, null)
  await world.run(33_000)
  t.match(abc.end, { reason: 'vanished' })
})

t.test('a side whose connection breaks comes back, with the same keys', async t => {
  const { world, abc, xyz } = await call(8)
  await world.run(1_000)
  abc.cut()
  await world.run(2_000)
  t.ok(talking(abc, xyz))
  t.equal(agreements(abc), 1)
  t.ok(longestGap(xyz.heard) < 1_000, `gap of ${longestGap(xyz.heard)} ms`)
})

t.test('a dead connection is replaced before its pings are missed', async t => {
  const { world, abc, xyz } = await call(9)
  await world.run(1_000)
  // The sockets of now are dead, new ones work: what a change of address looks like.
  abc.strand()
  await world.run(2_500)
  t.ok(talking(abc, xyz))
  t.ok(longestGap(xyz.heard) < 2_000, `gap of ${longestGap(xyz.heard)} ms`)
})

t.test('the server dies and comes back without its memory: the call goes on, keys kept', async t => {
  const { world, abc, xyz } = await call(10)
  await world.run(2_000)
  const code = abc.peer.view.code
  world.server.crash()
  await world.run(8_000)
  t.equal(abc.peer.view.state, 'talking')
  world.server.start()
  t.ok(await world.until(() => talking(abc, xyz), 12_000), 'they talk again')
  await world.run(1_000)
  t.equal(abc.peer.view.code, code)
  t.equal(agreements(abc), 1)
  t.equal(world.server.hub?.calls, 1)
})

t.test('the server dies for good: both end as serverLost', async t => {
  const { world, abc, xyz } = await call(11)
  world.server.crash()
  await world.run(36_000)
  t.match([abc.end, xyz.end], [{ reason: 'serverLost' }, { reason: 'serverLost' }])
})

t.test('no server at all: gives up after 10 s', async t => {
  const world = new World(12)
  world.server.crash()
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, null, relayOnly)
  await world.run(9_500)
  t.equal(abc.end, null)
  await world.run(1_000)
  t.match(abc.end, { reason: 'serverLost' })
})

t.test('nobody comes within the wait', async t => {
  const world = new World(13)
  const abc = world.person({ id: 'ABC', to: 'XYZ', waitMs: 5_000 }, null, relayOnly)
  await world.run(5_500)
  t.match(abc.end, { reason: 'nobodyCame' })
})

t.test('hangs up by itself after the time that was asked for', async t => {
  const world = new World(14)
  const abc = world.person({ id: 'ABC', to: 'XYZ', talkMs: 3_000 }, null, relayOnly)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, null, relayOnly)
  await world.run(5_000)
  t.match([abc.end, xyz.end], [{ reason: 'hungUp' }, { reason: 'peerHungUp' }])
})

t.test(
  'routes that exclude each other, and a direct route that is not there, end as noRoute on both sides',
  async t => {
    for (const other of ['relay', 'auto'] as const) {
      const world = new World(15)
      const abc = world.person({ id: 'ABC', to: 'XYZ', route: 'direct' }, null, relayOnly)
      const xyz = world.person({ id: 'XYZ', to: 'ABC', route: other }, null, relayOnly)
      await world.run(5_000)
      t.match([abc.end, xyz.end], [{ reason: 'noRoute' }, { reason: 'noRoute' }], `direct and ${other}`)
    }
  },
)

t.test('a program that was restarted agrees anew with the one that was not', async t => {
  const { world, abc, xyz } = await call(16)
  await world.run(1_000)
  const code = xyz.peer.view.code
  abc.kill()
  await world.run(5_000)
  const again = world.person({ id: 'ABC', to: 'XYZ' }, 'open sesame', { ...relayOnly, identityOf: abc })
  t.ok(await world.until(() => talking(again, xyz), 10_000), 'they talk again')
  t.not(xyz.peer.view.code, code)
  const before = xyz.heard.length
  await world.run(1_000)
  t.ok(xyz.heard.length > before + 40, 'and hear each other')
})

t.test('the same id with another key is refused while its owner is there', async t => {
  const { world, abc, xyz } = await call(17)
  const thief = world.person({ id: 'abc', to: 'XYZ' }, 'open sesame', relayOnly)
  await world.run(3_000)
  t.match(thief.end, { reason: 'refused' })
  t.ok(talking(abc, xyz), 'the call is not disturbed')
})

t.test('the same seed gives the same call', async t => {
  const run = async () => {
    const { world, abc, xyz } = await call(42)
    abc.cut()
    await world.run(5_000)
    return JSON.stringify([abc.views, xyz.views, abc.heard, xyz.heard])
  }
  t.equal(await run(), await run())
})
