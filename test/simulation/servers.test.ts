/** Real peers at two servers of a cluster, in the simulated world. */
import t from 'tap'
import { relayOnly, talking } from './relay-call.js'
import { SeededRandom } from './seeded-random.js'
import type { Server } from './server.js'
import { longestGap, type Person, World } from './world.js'

const SEEDS = [1, 2, 3, 4, 5, 6]

function two(seed: number, settings: object = relayOnly) {
  const world = new World(seed, { servers: 2 })
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'open sesame', { ...settings, at: 0 })
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'open sesame', { ...settings, at: 1 })
  return { world, abc, xyz }
}

async function talk(world: World, people: Person[], ms = 10_000): Promise<boolean> {
  return world.until(() => people.every(({ peer }) => peer.view.state === 'talking' && peer.view.route !== null), ms)
}

/** From now on. */
function forget(...people: Person[]): void {
  for (const person of people) person.heard.length = 0
}

/** Nobody hears of it any more, and nobody is told. */
function vanish(server: Server, world: World): void {
  for (const { host } of world.people) world.network.partition(host, server.host)
  server.bus!.island = 1
}

const peersAt = (world: World) => world.servers.map(({ hub }) => hub?.peers ?? null)

t.test('two at different servers talk, and come to one of them without a gap', async t => {
  for (const seed of SEEDS) {
    const { world, abc, xyz } = two(seed)
    t.ok(await world.until(() => talking(abc, xyz), 5_000), `seed ${seed}`)
    forget(abc, xyz)
    await world.run(5_000)
    t.same(peersAt(world).sort(), [0, 2])
    t.ok(
      longestGap(abc.heard) <= 40 && longestGap(xyz.heard) <= 40,
      `${longestGap(abc.heard)} ${longestGap(xyz.heard)} ms`,
    )
    abc.peer.do({ type: 'hangUp' })
    await world.run(5_000)
    t.same([abc.end?.reason, xyz.end?.reason], ['hungUp', 'peerHungUp'])
    t.same(peersAt(world), [0, 0])
  }
})

t.test('a server that restarts sends its call to the other one, without a gap', async t => {
  for (const seed of SEEDS) {
    const { world, abc, xyz } = two(seed)
    t.ok(await world.until(() => talking(abc, xyz), 5_000), `seed ${seed}`)
    await world.run(5_000)
    for (const server of world.servers) {
      forget(abc, xyz)
      server.drain(10_000)
      await world.run(8_000)
      t.ok(talking(abc, xyz))
      t.ok(
        longestGap(abc.heard) <= 60 && longestGap(xyz.heard) <= 60,
        `${longestGap(abc.heard)} ${longestGap(xyz.heard)} ms`,
      )
    }
  }
})

const ends = {
  'its process dies': { end: (server: Server) => server.die(), most: 500 },
  'its machine is gone, and its sockets break': { end: (server: Server) => server.crash(), most: 2_500 },
  'its network is gone': { end: (server: Server, world: World) => vanish(server, world), most: 3_500 },
}
for (const [how, { end, most }] of Object.entries(ends))
  t.test(`${how}: the call goes on at the other server`, async t => {
    for (const seed of SEEDS) {
      const { world, abc, xyz } = two(seed)
      t.ok(await world.until(() => talking(abc, xyz), 5_000), `seed ${seed}`)
      await world.run(5_000)
      forget(abc, xyz)
      const [dies, stays] = peersAt(world)[0] === 2 ? world.servers : [...world.servers].reverse()
      end(dies!, world)
      await world.run(10_000)
      t.ok(talking(abc, xyz))
      t.equal(stays!.hub?.peers, 2)
      const gap = Math.max(longestGap(abc.heard), longestGap(xyz.heard))
      t.ok(gap <= most, `${gap} ms`)
    }
  })

t.test('two whose servers are cut off from each other wait, and talk once they are not', async t => {
  for (const seed of SEEDS) {
    const world = new World(seed, { servers: 2 })
    world.servers[1]!.bus!.island = 1
    const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'open sesame', { at: 0 })
    const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'open sesame', { at: 1 })
    await world.run(20_000)
    t.same([abc.peer.view.state, xyz.peer.view.state], ['waiting', 'waiting'], `seed ${seed}`)
    world.servers[1]!.bus!.island = 0
    t.ok(await talk(world, [abc, xyz], 20_000))
  }
})

t.test('whatever befalls servers, the bus and people: in the end they talk, and both end', async t => {
  for (let seed = 1; seed <= 12; seed++) {
    const { world, abc, xyz } = two(seed, seed % 2 === 0 ? relayOnly : {})
    const random = new SeededRandom(seed)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random.between(0, from.length))]!
    const told: string[] = []
    for (let n = 0; n < 12; n++) {
      await world.run(random.between(100, 5_000))
      const [server, person] = [pick(world.servers), pick([abc, xyz])]
      const faults: Record<string, () => void> = {
        drain: () => server.drain(3_000),
        crash: () => server.crash(),
        die: () => server.die(),
        start: () => server.hub ?? server.start(),
        split: () => server.bus && Object.assign(server.bus, { island: 1 }),
        heal: () => server.bus && Object.assign(server.bus, { island: 0 }),
        down: () => server.bus?.set(false),
        up: () => server.bus?.set(true),
        cut: () => person.cut(),
        strand: () => person.strand(),
        move: () => person.move(),
      }
      const fault = pick(Object.keys(faults))
      told.push(fault)
      faults[fault]!()
    }
    for (const server of world.servers) {
      if (!server.hub) server.start()
      server.bus!.island = 0
      server.bus!.set(true)
    }
    t.ok(await talk(world, [abc, xyz], 45_000), `seed ${seed}: ${told.join(', ')}`)
    await world.run(2_000)
    xyz.peer.do({ type: 'hangUp' })
    await world.run(15_000)
    t.same([abc.end?.reason, xyz.end?.reason], ['peerHungUp', 'hungUp'], `seed ${seed}: both end`)
    t.same([abc.failure, xyz.failure], [null, null])
    t.same(peersAt(world), [0, 0])
  }
})
