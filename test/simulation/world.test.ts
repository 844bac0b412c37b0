import { createHash } from 'node:crypto'
import t from 'tap'
import { CANDIDATE_MARK } from './virtual-signal.js'
import { PLAINTEXT } from './virtual-sound.js'
import { longestGap, type Person, type PersonSetting, World } from './world.js'

const talking = (route: 'direct' | 'relay', ...people: Person[]) =>
  people.every(({ peer: { view } }) => view.state === 'talking' && view.route === route)

/** Two people who talk. */
async function call(seed: number, route: 'direct' | 'relay', settings: readonly PersonSetting[] = []) {
  const world = new World(seed)
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'open sesame', settings[0])
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'open sesame', settings[1])
  const hash = createHash('sha256')
  const seen = { bytes: 0, media: new Set<string>(), marks: 0, plain: 0 }
  world.onWire.push(({ from, to, medium, data }) => {
    hash.update(`${world.clock.now()} ${from} ${to} `).update(data)
    seen.bytes += data.length
    seen.media.add(medium)
    if (typeof data === 'string') seen.marks += data.includes(CANDIDATE_MARK) ? 1 : 0
    else if (Buffer.from(data).includes(Buffer.from(PLAINTEXT))) seen.plain++
  })
  if (!(await world.until(() => talking(route, abc, xyz), 30_000))) throw new Error('they do not talk')
  return { world, abc, xyz, seen, hash: () => hash.digest('hex') }
}

t.test('two people behind ordinary NATs talk directly, and nobody on the way sees what they say', async t => {
  const { world, abc, xyz, seen } = await call(1, 'direct')
  await world.run(10_000)
  t.ok(abc.heard.length > 480 && xyz.heard.length > 480)
  t.ok(longestGap(abc.heard) <= 60, `${longestGap(abc.heard)} ms`)
  t.strictSame([...seen.media].sort(), ['direct', 'handshake', 'relay', 'signaling'])
  t.strictSame([seen.marks, seen.plain], [0, 0])
  t.ok(
    xyz.heard.every(({ from }) => from === null || from === abc.number),
    'what was decoded was encoded by the other',
  )
  abc.peer.do({ type: 'hangUp' })
  await world.run(5_000)
  t.match([abc.end, xyz.end], [{ reason: 'hungUp' }, { reason: 'peerHungUp' }])
  t.strictSame([abc.host.clock.pending, xyz.host.clock.pending], [0, 0])
  await world.run(120_000)
  t.equal(world.clock.pending, world.server.host.clock.pending, 'the network is at rest')
  t.equal(world.network.sockets, 0)
})

t.test('NATs that let nothing through leave the relay', async t => {
  const { world, abc, xyz } = await call(2, 'relay', [{ nat: 'symmetric' }, { nat: 'ordinary' }])
  await world.run(5_000)
  t.ok(talking('relay', abc, xyz))
})

/** A call in which much goes wrong. */
async function rough(seed: number): Promise<{ hash: string; bytes: number }> {
  const access = { delayMs: 30, jitterMs: 20, loss: 0.02, burstShare: 0.005, duplicates: 0.01, rateKbps: 300 }
  const { world, abc, xyz, seen, hash } = await call(seed, 'direct', [
    { access, driftPpm: 150 },
    { access, driftPpm: { microphone: -200, speaker: 80 } },
  ])
  abc.cut()
  await world.run(3_000)
  xyz.move()
  await world.run(3_000)
  world.server.restart(2_000)
  await world.run(4_000)
  abc.stop()
  await world.run(1_500)
  abc.go()
  xyz.sleep()
  await world.run(2_000)
  xyz.wake()
  world.network.partition(abc.host, xyz.host)
  await world.run(4_000)
  world.server.crash()
  await world.run(1_000)
  world.server.start()
  await world.run(5_000)
  return { hash: hash(), bytes: seen.bytes }
}

t.test('the same seed gives the same bytes at the same times, another one others', async t => {
  const [one, same, other] = [await rough(7), await rough(7), await rough(8)]
  t.ok(one.bytes > 100_000, `${one.bytes} bytes`)
  t.strictSame(same, one)
  t.not(other.hash, one.hash)
})

t.test('a fault does not change what another part of the world draws', async t => {
  const names = async (dial: boolean) => {
    const world = new World(3)
    if (dial) world.network.host('another').up.loses()
    const abc = world.person({ id: 'ABC', to: 'XYZ' }, null)
    return abc.identity.publicKey
  }
  t.strictSame(await names(true), await names(false))
})

t.test('who sits on the server can change, drop, double and delay what passes', async t => {
  const { world, abc, xyz } = await call(4, 'relay', [{ direct: false }, { direct: false }])
  await world.run(1_000)
  /** For the time given, with the frames (not the acknowledgements) that the server sends to XYZ. */
  const tamper = async (
    ms: number,
    how: (frame: Uint8Array, pass: (data: Uint8Array, afterMs?: number) => void) => void,
  ) => {
    world.intercept = ({ from, medium, to, data }, pass) => {
      if (from === 'server' && to === 'XYZ' && medium === 'relay' && typeof data !== 'string' && data[0] === 1)
        how(data, pass)
      else pass(data)
    }
    await world.run(ms)
    world.intercept = null
  }
  const since = async (ms: number, from = xyz.heard.length) => {
    await world.run(ms)
    return xyz.heard.slice(from).filter(({ frame }) => frame === null).length
  }
  await tamper(100, (frame, pass) => pass(frame.map((byte, i) => (i === 40 ? byte ^ 1 : byte))))
  const changed = xyz.peer.figures()!.refused.get('notAuthentic') ?? 0
  t.ok(changed >= 4 && changed <= 6, `${changed} frames that are not authentic`)
  await world.run(1_000)
  const before = xyz.heard.length
  await tamper(60, () => {})
  const made = await since(1_000, before)
  t.ok(made >= 2 && made <= 4, `${made} made up for 3 that were dropped`)
  await tamper(1_000, (frame, pass) => {
    pass(frame)
    pass(frame, 100)
  })
  await world.run(1_000)
  t.ok(talking('relay', abc, xyz))
  const frames = xyz.heard.flatMap(({ frame }) => frame ?? [])
  t.equal(new Set(frames).size, frames.length, 'nothing is heard twice')
})

t.test('a laptop sleeps in a call and wakes up before the other gives up: they talk again', async t => {
  const { world, abc, xyz } = await call(5, 'direct')
  await world.run(2_000)
  abc.sleep()
  const ran = abc.host.clock.ran
  await world.run(10_000)
  t.equal(abc.host.clock.ran, ran, 'nothing ran meanwhile')
  t.equal(xyz.peer.view.silent, true)
  abc.wake()
  t.ok(await world.until(() => [abc, xyz].every(({ peer: { view } }) => view.route !== null && !view.silent), 25_000))
})

t.test('a process that is stopped for two seconds talks on', async t => {
  const { world, abc, xyz } = await call(6, 'direct')
  await world.run(2_000)
  abc.stop()
  await world.run(2_000)
  abc.go()
  t.ok(await world.until(() => talking('direct', abc, xyz), 10_000))
  const before = xyz.heard.length
  await world.run(1_000)
  t.ok(xyz.heard.length > before + 40)
})

t.test('says in short words what the network did and what the server saw', async t => {
  const world = new World(8)
  const words: string[] = []
  world.onNetwork.push((who, what) => words.push(`${who} ${what}`))
  world.onHub.push(({ event }) => words.push(event))
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, null)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, null)
  await world.until(() => talking('direct', abc, xyz), 5_000)
  abc.move()
  for (const said of ['ABC socket opened', 'XYZ socket opened', 'online', 'connected', 'XYZ direct open', 'ABC moved'])
    t.ok(words.includes(said), said)
})
