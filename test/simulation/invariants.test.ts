import t from 'tap'
import { type Call, invariants, type Watch } from './invariants.js'
import { PASSWORDS, secretInText } from './invariants-plaintext.js'
import { play } from './play.js'
import { parseScenario } from './scenario.js'
import { PLAINTEXT } from './virtual-sound.js'

/** Plays a call in which something is broken on purpose. Returns which invariants found it. */
async function broken(sabotage: (call: Call) => Watch, scenario: object = {}): Promise<string[]> {
  const parsed = parseScenario(JSON.stringify({ seed: 1, lengthMs: 3_000, ...scenario }))
  if (!parsed.ok) throw new Error(parsed.error.message)
  const saboteur = { name: 'saboteur', watch: sabotage }
  const { violations } = await play(parsed.value, { invariants: [saboteur, ...invariants] })
  return violations.map(({ invariant }) => invariant)
}

const relay = { people: { ABC: { route: 'relay' } } }

t.test('nothing is found where nothing is broken', async t => {
  t.strictSame(await broken(() => ({})), [])
})

t.test('noPlaintext: voice or a password in the clear, or only coded', async t => {
  const voice = Buffer.from([1, 2, 3, ...PLAINTEXT, 4])
  const leaks = [
    voice,
    voice.toString('latin1'),
    JSON.stringify({ type: 'pass', data: voice.toString('base64url') }),
    JSON.stringify({ hint: PASSWORDS[1] }),
  ]
  for (const data of leaks) {
    const found = await broken(({ world }) => ({
      started() {
        for (const listener of world.onWire) listener({ from: 'ABC', to: 'server', medium: 'signaling', data })
      },
    }))
    t.equal(found[0], 'noPlaintext')
  }
  t.equal(secretInText('{"type":"call","to":"XYZ"}'), null)
})

t.test('heardOnce: a frame is played twice, or is of nobody', async t => {
  for (const change of [{}, { from: 99 }])
    t.strictSame(
      await broken(({ programs }) => ({
        check() {
          const heard = programs[0]?.person.heard ?? []
          const one = heard.find(({ frame }) => frame !== null)
          if (one) heard.push({ ...one, ...change })
        },
      })),
      ['heardOnce'],
    )
})

t.test('connects: the server never says that two are matched', async t => {
  const sabotage = ({ world }: Call): Watch => {
    world.intercept = (seen, pass) => {
      if (typeof seen.data !== 'string' || !seen.data.includes('"matched"')) pass(seen.data)
    }
    return {}
  }
  t.strictSame(await broken(sabotage), ['connects'])
})

t.test('ownReason: the network is gone for good, and no fault of the scenario is to blame', async t => {
  const sabotage = ({ world, programs }: Call): Watch => ({
    look() {
      for (const { person } of programs) world.network.partition(person.host, world.server.host)
    },
  })
  const found = await broken(sabotage, { ...relay, lengthMs: 40_000 })
  t.ok(found.includes('ownReason'), String(found))
})

t.test('agreedEnd: the goodbye is lost on all ways', async t => {
  const sabotage = (call: Call): Watch => {
    call.world.intercept = (seen, pass) => {
      const left = typeof seen.data === 'string' && seen.data.includes('"left"')
      if (!call.ending || (!left && typeof seen.data === 'string')) pass(seen.data)
    }
    return {}
  }
  t.strictSame(await broken(sabotage, relay), ['agreedEnd'])
})

t.test('allEnd: a program does not hear its person', async t => {
  const sabotage = (): Watch => ({
    started: ({ person }) => {
      person.peer.do = () => {}
    },
  })
  const found = await broken(sabotage)
  t.ok(found.includes('allEnd'), String(found))
})

t.test('quietAfterEnd: a timer is forgotten', async t => {
  const forget = (ms: number) =>
    broken(() => ({ started: ({ person }) => void person.host.clock.setTimeout(() => {}, ms) }))
  t.strictSame(await forget(20_000), ['quietAfterEnd'])
  t.strictSame(await forget(1_000), [])
})

t.test('serverForgets: the server remembers a call', async t => {
  const sabotage = ({ world }: Call): Watch => ({
    check() {
      Object.defineProperty(world.server.hub, 'calls', { value: 1 })
    },
  })
  t.strictSame(await broken(sabotage), ['serverForgets'])
})
