/** The direct route in the simulated world: taken when the network allows it, left in time, taken again; and nobody hears the switch. */
import t from 'tap'
import type { PeerOptions } from '../../peer/peer.js'
import type { NatKind } from './nat.js'
import { longestGap, type Person, type PersonSetting, World } from './world.js'

type One = Partial<PeerOptions> & PersonSetting

/** Two people who have named each other; each with what is special about them. */
function meet(seed: number, abcIs: One = {}, xyzIs: One = {}) {
  const world = new World(seed)
  const join = (id: string, to: string, { route = 'auto', waitMs = null, talkMs = null, ...setting }: One) =>
    world.person({ id, to, route, waitMs, talkMs }, null, setting)
  const abc = join('ABC', 'XYZ', abcIs)
  const xyz = join('XYZ', 'ABC', xyzIs)
  const routes = () => [abc.peer.view.route, xyz.peer.view.route]
  return { world, abc, xyz, on: (route: string) => routes().every(one => one === route) }
}

/** They talk directly. */
async function direct(seed: number, abcIs: One = {}, xyzIs: One = {}) {
  const met = meet(seed, abcIs, xyzIs)
  if (!(await met.world.until(() => met.on('direct'), 5_000))) throw new Error('no direct route')
  await met.world.run(1_000)
  return met
}

/** What one heard after a moment of the world. */
const heardSince = ({ heard }: Person, since: number) => heard.filter(({ at }) => at >= since)
/** The relay's way from one to the other in these worlds: 20 ms to the server, 20 ms from it. */
const RELAY_MS = 40
const GAP_MS = 160 + 2 * RELAY_MS

t.test('goes direct where the networks allow it, and to the relay where they do not', async t => {
  const kinds: NatKind[] = ['open', 'ordinary', 'symmetric', 'udpBlocked']
  const opens = (a: NatKind, b: NatKind) => {
    if (a === 'udpBlocked' || b === 'udpBlocked') return false
    if (a === 'symmetric') return b === 'open'
    return b !== 'symmetric' || a === 'open'
  }
  for (const a of kinds)
    for (const b of kinds) {
      const { world, abc, xyz, on } = meet(1, { nat: a }, { nat: b })
      await world.run(8_000)
      t.ok(on(opens(a, b) ? 'direct' : 'relay'), `${a} with ${b}: ${abc.peer.view.route}`)
      for (const { heard } of [abc, xyz]) t.ok(longestGap(heard) <= 100, `gap of ${longestGap(heard)} ms`)
    }
})

t.test('direct soon after the first word, and nothing of the voice on the relay from then on', async t => {
  const world = new World(2)
  let relayed = 0
  world.onWire.push(({ medium }) => {
    if (medium === 'relay') relayed++
  })
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'pw')
  world.person({ id: 'XYZ', to: 'ABC' }, 'pw')
  await world.until(() => abc.peer.view.route === 'direct', 3_000)
  await world.run(500)
  const before = relayed
  await world.run(10_000)
  t.ok(relayed - before < 30, `later a probe each 5 s alone, where voice would be 3,000: ${relayed - before}`)
})

t.test('on the relay at once where it opens late, then direct, with no gap', async t => {
  const { world, abc, xyz, on } = meet(3)
  world.network.partition(abc.host, xyz.host)
  t.ok(await world.until(() => on('relay'), 3_000))
  await world.run(3_000)
  t.ok(on('relay'))
  world.network.heal(abc.host, xyz.host)
  t.ok(await world.until(() => on('direct'), 10_000), 'by the attempt that still runs')
  await world.run(1_000)
  for (const { heard } of [abc, xyz]) t.equal(longestGap(heard), 0)
})

t.test('a direct route that dies, both ways or one, is left for the relay within the rule', async t => {
  for (const way of ['both', 'to XYZ', 'to ABC'] as const) {
    const { world, abc, xyz, on } = await direct(4)
    const since = world.clock.now()
    const [from, to] = way === 'to ABC' ? [xyz, abc] : [abc, xyz]
    world.network.partition(from.host, to.host, way !== 'both')
    t.ok(await world.until(() => on('relay'), 2_000), way)
    t.ok(world.clock.now() - since < 1_000, 'within a second')
    await world.run(2_000)
    for (const one of [abc, xyz]) {
      const gap = longestGap(heardSince(one, since - 100))
      t.ok(gap <= GAP_MS, `${way}, ${one.host.name}: gap of ${gap} ms`)
    }
  }
})

t.test('a direct route that is quiet for a moment is doubted and kept', async t => {
  const { world, abc, xyz, on } = await direct(5)
  const since = world.clock.now()
  const seen = new Map([abc, xyz].map(one => [one, one.views.length]))
  world.network.partition(abc.host, xyz.host)
  await world.run(300)
  world.network.heal(abc.host, xyz.host)
  await world.run(2_000)
  t.ok(on('direct'))
  for (const one of [abc, xyz]) {
    t.notOk(one.views.slice(seen.get(one)).some(({ route }) => route === 'relay'))
    t.ok(longestGap(heardSince(one, since - 100)) <= GAP_MS)
  }
})

t.test('is built anew after it fell: 5 s later, and hardly anyone hears it', async t => {
  const { world, abc, xyz, on } = await direct(6)
  world.network.partition(abc.host, xyz.host)
  await world.until(() => on('relay'), 2_000)
  world.network.heal(abc.host, xyz.host)
  await world.run(500)
  const since = world.clock.now()
  t.ok(await world.until(() => on('direct'), 8_000))
  t.ok(world.clock.now() - since > 3_000)
  await world.run(2_000)
  t.ok(on('direct'))
  for (const one of [abc, xyz]) {
    const gap = longestGap(heardSince(one, since))
    t.ok(gap <= 40, `gap of ${gap} ms`)
  }
})

t.test('survives the server: its crash changes nothing that is heard, and the bye needs no server', async t => {
  const { world, abc, xyz, on } = await direct(7)
  const since = world.clock.now()
  world.server.crash()
  await world.run(100_000)
  t.ok(on('direct'))
  for (const one of [abc, xyz]) t.equal(longestGap(heardSince(one, since)), 0)
  abc.peer.do({ type: 'hangUp' })
  await world.run(3_000)
  t.match([abc.end, xyz.end], [{ reason: 'hungUp' }, { reason: 'peerHungUp' }])
})

t.test('a new address: silent for less than 2.5 s, then the relay, then direct again', async t => {
  const { world, abc, xyz, on } = await direct(8)
  const since = world.clock.now()
  abc.move()
  t.ok(await world.until(() => on('relay'), 4_000))
  await world.run(100)
  for (const one of [abc, xyz]) {
    const gap = longestGap(heardSince(one, since - 100))
    t.ok(gap < 2_500, `gap of ${gap} ms`)
  }
  t.ok(await world.until(() => on('direct'), 10_000))
})

t.test('who wants the relay alone never shows an address', async t => {
  for (const wish of [
    ['relay', 'auto'],
    ['relay', 'relay'],
  ] as const) {
    const { world, abc, on } = meet(9, { route: wish[0] }, { route: wish[1] })
    let shown = 0
    world.onWire.push(({ from, medium }) => {
      if (from === 'ABC' && (medium === 'direct' || medium === 'handshake')) shown++
    })
    await world.run(30_000)
    t.ok(on('relay'), String(wish))
    t.equal(shown, 0)
    t.ok(abc.heard.length > 1_000)
  }
})

t.test('who wants direct alone talks directly or not at all', async t => {
  const good = meet(10, { route: 'direct' })
  await good.world.run(3_000)
  t.ok(good.on('direct'))
  const bad = meet(10, { route: 'direct' }, { nat: 'udpBlocked' })
  let relayed = 0
  await bad.world.run(17_000)
  t.match([bad.abc.end, bad.xyz.end], [{ reason: 'noRoute' }, { reason: 'noRoute' }])
  for (const { heard } of [bad.abc, bad.xyz]) relayed += heard.filter(({ frame }) => frame !== null).length
  t.equal(relayed, 0, 'no voice went over the relay')
})

t.test('an engine on one side only: the relay, said at once, and no further attempts', async t => {
  for (const [abcIs, xyzIs] of [
    [{ direct: false }, {}],
    [{}, { direct: false }],
  ]) {
    const { world, abc, on } = meet(11, abcIs, xyzIs)
    t.ok(await world.until(() => on('relay'), 1_500))
    await world.run(30_000)
    t.ok(on('relay'))
    t.equal(longestGap(abc.heard), 0)
  }
})

t.test('leaves nothing behind', async t => {
  const { world, abc, xyz } = await direct(12)
  abc.peer.do({ type: 'hangUp' })
  await world.run(10_000)
  t.match([abc.end, xyz.end], [{ reason: 'hungUp' }, { reason: 'peerHungUp' }])
  t.same([abc.host.clock.pending, xyz.host.clock.pending], [0, 0])
  t.equal(world.network.sockets, 0)
})
