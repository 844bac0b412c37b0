import t from 'tap'
import { longestGap, type Person, World } from './world.js'

t.setTimeout(300_000)

const talking = (...people: Person[]) =>
  people.every(({ peer }) => peer.view.state === 'talking' && peer.view.route === 'relay')

/** How often keys were agreed on. */
const agreements = ({ views }: Person) =>
  views.filter(({ state }, i) => state === 'agreeing' && views[i - 1]?.state !== 'agreeing').length

/** Two people who talk. */
async function call(seed: number, password: string | null = 'open sesame') {
  const world = new World(seed)
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, password)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, password)
  if (!(await world.until(() => talking(abc, xyz), 5_000))) throw new Error('they do not talk')
  return { world, abc, xyz }
}

t.test('two people talk, and one hangs up', async t => {
  const { world, abc, xyz } = await call(1)
  t.equal(abc.peer.view.verified, true)
  t.equal(abc.peer.view.code, xyz.peer.view.code)
  await world.run(10_000)
  t.ok(abc.heard.length > 450 && xyz.heard.length > 450, 'both hear ten seconds')
  t.ok(longestGap(abc.heard) <= 40, `no gap (${longestGap(abc.heard)} ms)`)
  abc.peer.do({ type: 'hangUp' })
  await world.run(3_000)
  t.match(abc.end, { reason: 'hungUp' })
  t.match(xyz.end, { reason: 'peerHungUp' })
  t.equal(world.hub?.calls, 0, 'the server forgot the call')
  t.equal(world.hub?.peers, 0)
  t.equal(world.leaks, 0)
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
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'one')
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'other')
  await world.run(12_000)
  t.match([abc.end, xyz.end], [{ reason: 'unverified' }, { reason: 'unverified' }])
  t.equal(abc.heard.length + xyz.heard.length, 0)
})

t.test('a password on one side only is said so', async t => {
  const world = new World(4)
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'one')
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, null)
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

t.test('a muted side sends nothing of its microphone, and frames of the same size', async t => {
  const { world, abc, xyz } = await call(6)
  await world.run(1_000)
  abc.peer.do({ type: 'mute' })
  await world.run(500)
  const before = xyz.heard.filter(({ frame }) => frame !== null).length
  await world.run(2_000)
  t.equal(xyz.heard.filter(({ frame }) => frame !== null).length, before)
  t.equal(xyz.peer.view.peerMuted, true)
  t.ok(talking(abc, xyz), 'the call is alive')
  // Frames of one size, and acknowledgements.
  t.strictSame(
    [...world.sizes.keys()].sort((a, b) => a - b),
    [5, 125],
  )
  abc.peer.do({ type: 'unmute' })
  await world.run(1_000)
  t.ok(xyz.heard.filter(({ frame }) => frame !== null).length > before + 30, 'it is heard again')
})

t.test('a side that dies is silent within 2 s and vanished by 35 s', async t => {
  const { world, abc, xyz } = await call(7)
  xyz.link.dead = true
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
  world.crashServer()
  await world.run(8_000)
  t.equal(abc.peer.view.state, 'talking')
  world.restartServer()
  t.ok(await world.until(() => talking(abc, xyz), 12_000), 'they talk again')
  await world.run(1_000)
  t.equal(abc.peer.view.code, code)
  t.equal(agreements(abc), 1)
  t.equal(world.hub?.calls, 1)
})

t.test('the server dies for good: both end as serverLost', async t => {
  const { world, abc, xyz } = await call(11)
  world.crashServer()
  await world.run(36_000)
  t.match([abc.end, xyz.end], [{ reason: 'serverLost' }, { reason: 'serverLost' }])
})

t.test('no server at all: gives up after 10 s', async t => {
  const world = new World(12)
  world.crashServer()
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, null)
  await world.run(9_500)
  t.equal(abc.end, null)
  await world.run(1_000)
  t.match(abc.end, { reason: 'serverLost' })
})

t.test('nobody comes within the wait', async t => {
  const world = new World(13)
  const abc = world.person({ id: 'ABC', to: 'XYZ', waitMs: 5_000 }, null)
  await world.run(5_500)
  t.match(abc.end, { reason: 'nobodyCame' })
})

t.test('hangs up by itself after the time that was asked for', async t => {
  const world = new World(14)
  const abc = world.person({ id: 'ABC', to: 'XYZ', talkMs: 3_000 }, null)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, null)
  await world.run(5_000)
  t.match([abc.end, xyz.end], [{ reason: 'hungUp' }, { reason: 'peerHungUp' }])
})

t.test(
  'routes that exclude each other, and a direct route that is not there, end as noRoute on both sides',
  async t => {
    for (const other of ['relay', 'auto'] as const) {
      const world = new World(15)
      const abc = world.person({ id: 'ABC', to: 'XYZ', route: 'direct' }, null)
      const xyz = world.person({ id: 'XYZ', to: 'ABC', route: other }, null)
      await world.run(5_000)
      t.match([abc.end, xyz.end], [{ reason: 'noRoute' }, { reason: 'noRoute' }], `direct and ${other}`)
    }
  },
)

t.test('a program that was restarted agrees anew with the one that was not', async t => {
  const { world, abc, xyz } = await call(16)
  await world.run(1_000)
  const code = xyz.peer.view.code
  abc.link.dead = true
  abc.peer.do({ type: 'hangUp' })
  await world.run(5_000)
  const again = world.person({ id: 'ABC', to: 'XYZ' }, 'open sesame', { identityOf: abc })
  t.ok(await world.until(() => talking(again, xyz), 10_000), 'they talk again')
  t.not(xyz.peer.view.code, code)
  const before = xyz.heard.length
  await world.run(1_000)
  t.ok(xyz.heard.length > before + 40, 'and hear each other')
})

t.test('the same id with another key is refused while its owner is there', async t => {
  const { world, abc, xyz } = await call(17)
  const thief = world.person({ id: 'abc', to: 'XYZ' }, 'open sesame')
  await world.run(3_000)
  t.match(thief.end, { reason: 'refused' })
  t.ok(talking(abc, xyz), 'the call is not disturbed')
})

t.test(
  'a hundred seeds of loss, delay, cuts and restarts: every call connects, and ends the same way for both',
  async t => {
    let gaps = 0
    let worst = 0
    for (let seed = 100; seed < 200; seed++) {
      const world = new World(seed)
      const { random } = world
      const link = () => ({
        delayMs: random.between(1, 150),
        jitterMs: random.between(0, 60),
        loss: random.chance(0.5) ? random.between(0, 0.05) : 0,
      })
      const password = random.chance(0.5) ? 'open sesame' : null
      const abc = world.person({ id: 'ABC', to: 'XYZ' }, password, link())
      await world.run(random.between(0, 2_000))
      const xyz = world.person({ id: 'XYZ', to: 'ABC' }, password, link())
      if (random.chance(0.3)) (random.chance(0.5) ? abc : xyz).cut()
      if (!(await world.until(() => talking(abc, xyz), 30_000))) {
        t.fail(`seed ${seed}: no call (${abc.peer.view.state}, ${xyz.peer.view.state})`)
        continue
      }
      for (let faults = Math.floor(random.between(0, 3)); faults > 0; faults--) {
        await world.run(random.between(200, 3_000))
        const which = random.next()
        if (which < 0.4) abc.cut()
        else if (which < 0.6) xyz.strand()
        else if (which < 0.8) {
          world.crashServer()
          await world.run(random.between(10, 6_000))
          world.restartServer()
        } else {
          abc.cut()
          xyz.cut()
        }
      }
      const back = await world.until(() => talking(abc, xyz), 25_000)
      await world.run(1_000)
      abc.peer.do({ type: 'hangUp' })
      await world.run(6_000)
      const ends = [abc.end?.reason, xyz.end?.reason]
      gaps += longestGap(abc.heard)
      worst = Math.max(worst, longestGap(abc.heard), longestGap(xyz.heard))
      if (!back || String(ends) !== 'hungUp,peerHungUp' || world.leaks > 0 || world.hub?.peers !== 0)
        t.fail(`seed ${seed}: talking again ${back}, ends ${ends}, leaks ${world.leaks}, peers ${world.hub?.peers}`)
    }
    t.comment(`longest gap: mean ${Math.round(gaps / 100)} ms, worst ${Math.round(worst)} ms`)
    t.pass('100 seeds')
  },
)

t.test('the same seed gives the same call', async t => {
  const run = async () => {
    const { world, abc, xyz } = await call(42)
    abc.cut()
    await world.run(5_000)
    return JSON.stringify([abc.views, xyz.views, abc.heard, xyz.heard])
  }
  t.equal(await run(), await run())
})
