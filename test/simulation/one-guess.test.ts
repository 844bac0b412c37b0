/** One-time calls against somebody who guesses, again and again, with the help of whoever runs the server. */
import t from 'tap'
import { type Intercept, type Seen, World } from './world.js'

t.setTimeout(120_000)

/** The other side may test one guess with each: M3 is the first thing that depends on the words. */
function isM3({ from, data }: Seen): boolean {
  if (from !== '7.a' || typeof data !== 'string') return false
  const message = JSON.parse(data)
  return message.type === 'pass' && Buffer.from(message.data, 'base64url').subarray(0, 8).includes('h3')
}

const isFor7a = ({ from, to }: Seen) => from === 'server' && to === '7.a'

interface Help {
  /** What the server does to what passes. */
  readonly intercept?: Intercept
  /** Happens as soon as the words may have been tested. */
  readonly afterM3?: (world: World) => void
}

const helps: Readonly<Record<string, Help>> = {
  openly: {},
  'and does not say that the guesser left': {
    intercept: (seen, pass) => {
      if (!(isFor7a(seen) && /"(left|away)"/.test(String(seen.data)))) pass(seen.data)
    },
  },
  'and says instead that the guesser was cut off': {
    intercept: (seen, pass) =>
      pass(isFor7a(seen) ? String(seen.data).replace(/"left","reason":"\w+"|"left"/, '"away"') : seen.data),
  },
  'and is cut off': { afterM3: world => world.people.at(-1)?.cut() },
  'and the server forgets all': { afterM3: world => world.server.crash() },
  'and each message comes twice': {
    intercept: (seen, pass) => {
      pass(seen.data)
      if (typeof seen.data === 'string' && seen.data.includes('"pass"')) pass(seen.data)
    },
  },
}

/** What becomes of a code whose other side is somebody who knows the number, and tries other words with six programs in a row. */
async function guessed(oneGuess: boolean, { intercept, afterM3 }: Help) {
  const world = new World(11)
  const flights = new Set<string>()
  let wasSent = false
  world.onWire.push(seen => {
    if (!isM3(seen)) return
    wasSent ||= !flights.has(String(seen.data))
    flights.add(String(seen.data))
  })
  if (intercept)
    world.intercept = (seen, pass) => (seen.medium === 'signaling' ? intercept(seen, pass) : pass(seen.data))
  const a = world.person({ id: '7.a', to: '7.b', oneGuess }, 'orbit-maple', { direct: false })
  let identityOf: Parameters<World['person']>[2]
  for (let n = 0; n < 6; n++) {
    const guesser = world.person({ id: '7.b', to: '7.a', waitMs: 5_000 }, `zoo-zone${n}`, identityOf)
    identityOf = { identityOf: guesser }
    wasSent = false
    if (await world.until(() => wasSent || guesser.end !== null, 20_000)) if (wasSent) afterM3?.(world)
    await world.until(() => guesser.end !== null, 60_000)
    // A program that was killed says nothing more.
    guesser.cut()
  }
  const late = world.person({ id: '7.b', to: '7.a', waitMs: 5_000 }, 'orbit-maple', identityOf)
  await world.run(20_000)
  return {
    tested: flights.size,
    end: a.end?.reason ?? null,
    talked: late.views.some(({ state }) => state === 'talking'),
  }
}

for (const [how, help] of Object.entries(helps))
  t.test(`somebody guesses ${how}: once`, async t => {
    t.same(await guessed(true, help), { tested: 1, end: 'unverified', talked: false })
  })

t.test('without a limit of one there are more', async t => {
  const { tested } = await guessed(false, helps['and is cut off']!)
  t.ok(tested > 1, `${tested} guesses`)
})

t.test('the right words at first, and the code stays good for that call when the server forgets all', async t => {
  const world = new World(12)
  const a = world.person({ id: '7.a', to: '7.b', oneGuess: true }, 'orbit-maple')
  const b = world.person({ id: '7.b', to: '7.a', oneGuess: true }, 'orbit-maple')
  const talking = () => [a, b].every(({ peer: { view } }) => view.state === 'talking' && view.route !== null)
  const direct = () => [a, b].every(({ peer: { view } }) => view.route === 'direct')
  t.ok(await world.until(direct, 10_000))
  world.server.crash()
  await world.run(20_000)
  t.ok(talking())
  b.peer.do({ type: 'hangUp' })
  await world.run(5_000)
  t.match([a.end, b.end], [{ reason: 'peerHungUp' }, { reason: 'hungUp' }])
})
