/** IPv6, and machines with several interfaces: a call is direct by what works, and what leads nowhere does no harm. */
import t, { type Test } from 'tap'
import type { EngineName } from '../../peer/routes/engine-name.js'
import { type HomeOptions, NetworkLab } from '../lab/network.js'
import { bothOn, eventsOf, judgeBetween, longestGap, microphones, routesOf, startInLab } from '../system/direct-call.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { figures, sleep, type WholeCall } from '../system/whole-call.js'
import { Turns } from './turns.js'

const skip = NetworkLab.available() ?? false
const skip6 = NetworkLab.available({ ipv6: true }) ?? false
for (const why of new Set([skip, skip6])) if (why) t.comment(why)

type Family = 'ipv4' | 'ipv6'

interface Kind {
  readonly name: string
  readonly homes: { readonly a: HomeOptions; readonly b: HomeOptions }
  /** What the direct route goes by. */
  readonly by: Family
  readonly dialIpv6?: boolean
  /** B's; A's is native. */
  readonly engines: readonly EngineName[]
}

/** By IPv4 no direct way leads to the same at the other side. */
const IPV6: HomeOptions = { ipv6: true, nat: 'symmetric' }
const BOTH = ['native', 'werift'] as const

const KINDS: readonly Kind[] = [
  { name: 'IPv6, and symmetric NATs', homes: { a: IPV6, b: IPV6 }, by: 'ipv6', engines: BOTH },
  { name: 'IPv6 on one side', homes: { a: { ipv6: true }, b: {} }, by: 'ipv4', engines: ['native'] },
  { name: 'dead IPv6 on one side', homes: { a: { ipv6: 'dead' }, b: { ipv6: true } }, by: 'ipv4', engines: ['native'] },
  {
    name: 'the server at its IPv6 address',
    homes: { a: { ipv6: true }, b: { ipv6: true } },
    by: 'ipv6',
    dialIpv6: true,
    engines: BOTH,
  },
  { name: 'dead VPNs', homes: { a: { deadVpn: true }, b: { deadVpn: true } }, by: 'ipv4', engines: BOTH },
]

/** An attempt at a direct route takes no longer, ms. */
const DIRECT_MS = 15_000
/** So long it is talked on the direct route, ms. */
const TALK_MS = 3000
/** The moment of the switch is not judged, ms. */
const SETTLED_MS = 500
/** As for other tests of which way is taken: a short moment is judged, and two calls at once are much for a small machine. */
const GOOD_STOI = 0.8
/** Once the interface is down: until the relay carries, until it is direct again, and after that, ms. */
const RELAY_MS = 5000
const AGAIN_MS = 20_000
const AFTER_MS = 3000
/** What may be missing of speech at most when the interface goes down, ms. */
const UNPLUGGED_MS = 2000

const sides = microphones(t)
const turns = new Turns()

/** Talks directly for a while; gives by which family, and what was heard in that time. */
async function talk(t: Test, network: NetworkLab, call: WholeCall) {
  await call.talking(null)
  const talkingAt = Date.now()
  const directAt = Math.max(...(await bothOn(call, 'direct', DIRECT_MS, [0, 0])))
  const before = network.udpCounts('a')
  await sleep(TALK_MS)
  const after = network.udpCounts('a')
  const carried = { ipv4: after.ipv4 - before.ipv4, ipv6: after.ipv6 - before.ipv6 }
  t.comment(`direct ${directAt - talkingAt} ms after talking; packets: ${JSON.stringify(carried)}`)
  const by: Family = carried.ipv6 > carried.ipv4 ? 'ipv6' : 'ipv4'
  return { by, directAt, end: Date.now() }
}

/** What both heard between two moments, epoch ms. */
function heard(call: WholeCall, from: number, to: number): Outcome {
  const ways = (['a', 'b'] as const).map(listener => {
    const hearing = judgeBetween(call.recordings(listener), from, to)
    const name = `${call[listener].id} hears`
    const good = hearing.stoi > GOOD_STOI
    return {
      note: figures(name, hearing, call[listener]),
      faults: good ? [] : [`${name}: STOI ${hearing.stoi.toFixed(3)}, wanted over ${GOOD_STOI}`],
    }
  })
  return { notes: ways.map(({ note }) => note), faults: ways.flatMap(({ faults }) => faults), crowding: call.crowding }
}

async function direct(t: Test, { homes, by, dialIpv6 = false }: Kind, engine: EngineName): Promise<Outcome> {
  const { call, talked } = await turns.take('call', async () => {
    const options = { dialIpv6, a: sides.a, b: { ...sides.b, webrtc: engine } }
    const { network, call } = await startInLab(t, homes, options)
    const talked = await talk(t, network, call)
    t.same(await call.hangUp(), [0, 0])
    return { call, talked }
  })
  t.equal(talked.by, by, `the voice went by ${by}`)
  for (const side of [call.a, call.b]) t.equal(routesOf(side).at(-1), 'direct', 'and stays direct')
  return turns.take('judging', () => heard(call, talked.directAt + SETTLED_MS, talked.end))
}

/** The interface by which they talk goes down, by IPv6 or IPv4 as it came, and with it this side's only IPv6; another is there. */
async function unplugged(t: Test): Promise<Outcome> {
  const { call, talked, at, end } = await turns.take('call', async () => {
    const homes = { a: { ipv6: true, secondUplink: true }, b: { ipv6: true } }
    const { network, call } = await startInLab(t, homes, sides)
    const talked = await talk(t, network, call)
    const seen = eventsOf(call)
    const at = Date.now()
    network.unplug('a')
    const relayAt = Math.max(...(await bothOn(call, 'relay', RELAY_MS, seen)))
    const againAt = Math.max(...(await bothOn(call, 'direct', AGAIN_MS, seen)))
    t.comment(`on the relay after ${relayAt - at} ms, direct again after ${againAt - at} ms`)
    await sleep(AFTER_MS)
    const end = Date.now()
    t.same(await call.hangUp(), [0, 0])
    return { call, talked, at, end }
  })
  return turns.take('judging', () => {
    const gaps = (['a', 'b'] as const).map(listener =>
      longestGap(judgeBetween(call.recordings(listener), talked.directAt, end), at - 300, end - 500),
    )
    const after = heard(call, end - AFTER_MS + SETTLED_MS, end)
    return {
      notes: [`gaps of ${gaps.join(' and ')} ms`, ...after.notes],
      faults: [...gaps.filter(gap => gap > UNPLUGGED_MS).map(gap => `a gap of ${gap} ms`), ...after.faults],
      crowding: call.crowding,
    }
  })
}

t.setTimeout(600_000)

t.test('goes by what works', { jobs: 2, timeout: 600_000 }, async t => {
  const options = { buffered: true, timeout: 200_000 }
  // The longest first.
  const first = t.test(
    'an interface goes down in the middle of a call, and another is there',
    { ...options, skip: skip6 },
    t => steadily(t, unplugged),
  )
  const calls = KINDS.flatMap(kind => {
    const { name, homes, engines } = kind
    const why = homes.a.ipv6 || homes.b.ipv6 ? skip6 : skip
    return engines.map(engine =>
      t.test(`${name}, native-${engine}`, { ...options, skip: why }, t => steadily(t, t => direct(t, kind, engine))),
    )
  })
  await Promise.all([first, ...calls])
})
