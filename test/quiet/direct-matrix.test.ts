/** Which route a call takes, for each pair of NATs, with and without a bad link, and with each engine; and that it carries speech. */
import t, { type Test } from 'tap'
import type { EngineName } from '../../peer/routes/engine-name.js'
import { only } from '../lab/event.js'
import { type LinkQuality, type NatKind, NetworkLab } from '../lab/network.js'
import { judgeBetween, routesOf, startInLab } from '../system/direct-call.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { sleep, type WholeCall } from '../system/whole-call.js'
import { Turns } from './turns.js'

const skip = NetworkLab.available() ?? false
if (skip) t.comment(skip)

const NATS = ['ordinary', 'symmetric', 'udpBlocked'] as const
const IMPAIRED: LinkQuality = { delayMs: 40, jitterMs: 10, loss: 0.05 }
const GOOD = { clean: 0.8, impaired: 0.6 } as const
/** So long it is talked on once the route is there, and of that so much is judged, ms. */
const TALK_MS = { clean: 5000, impaired: 5500 } as const
const JUDGED_MS = 4000
/** Direct may come after the relay; where nobody knows whether it comes at all, it gets so long, ms. */
const MAYBE_MS = 3000

interface Kind {
  readonly nats: readonly [NatKind, NatKind]
  readonly link: 'clean' | 'impaired'
  readonly engine: EngineName
}

function kinds(): Kind[] {
  const ordered = NATS.flatMap(a => NATS.map(b => [a, b] as const))
  const unordered = ordered.filter(([a, b]) => NATS.indexOf(a) <= NATS.indexOf(b))
  return [
    ...ordered.map(nats => ({ nats, link: 'clean', engine: 'native' }) as const),
    ...unordered.map(nats => ({ nats, link: 'impaired', engine: 'native' }) as const),
    ...unordered.map(nats => ({ nats, link: 'clean', engine: 'werift' }) as const),
    ...unordered.map(nats => ({ nats, link: 'impaired', engine: 'werift' }) as const),
  ]
}

/** Null: either may pass. */
function expected({ nats, link, engine }: Kind): 'direct' | 'relay' | null {
  if (nats.some(nat => nat !== 'ordinary')) return 'relay'
  return link === 'impaired' && engine === 'werift' ? null : 'direct'
}

const nameOf = ({ nats, link, engine }: Kind) => `${nats.join(' - ').padEnd(23)}  ${link.padEnd(8)}  native-${engine}`

/** Plays a call to its end; gives when that was. */
async function play(t: Test, kind: Kind) {
  const link = kind.link === 'impaired' ? IMPAIRED : null
  const homes = { a: { nat: kind.nats[0], link }, b: { nat: kind.nats[1] } }
  const { call } = await startInLab(t, homes, { b: { webrtc: kind.engine } })
  const want = expected(kind)
  await call.talking(want)
  if (want === null) await sleep(MAYBE_MS)
  await sleep(TALK_MS[kind.link])
  const to = Date.now()
  t.same(await call.hangUp(), [0, 0])
  return { call, to }
}

/** What one call was like, and its row of the table. */
function look(
  t: Test,
  kind: Kind,
  { call, to }: Awaited<ReturnType<typeof play>>,
  row: (text: string) => void,
): Outcome {
  const want = expected(kind)
  const sides = [call.a, call.b]
  const last = sides.map(side => routesOf(side).at(-1))
  if (want) t.same(last, [want, want], 'and stays on it')
  else t.match(last.join(' '), /^(direct direct|relay relay)$/, 'both by the same route')
  const ways = (['a', 'b'] as const).map(listener => judgeBetween(call.recordings(listener), to - JUDGED_MS, to))
  const stoi = ways.map(way => way.stoi.toFixed(2)).join(' / ')
  const delay = ways.map(way => way.delay.p50.toFixed(0)).join(' / ')
  const went = routesOf(call.a).join(' -> ')
  row(`${nameOf(kind)}  ${went.padEnd(15)}  ${setupMs(call, last[0])} ms  STOI ${stoi}  delay ${delay} ms`)
  return {
    notes: [`${went}, ${setupMs(call, last[0])} ms after both talk, STOI ${stoi}, delay ${delay} ms`],
    faults: ways.flatMap(({ stoi }, n) =>
      stoi > GOOD[kind.link] ? [] : [`${sides[n]!.id}: STOI ${stoi.toFixed(3)}, wanted over ${GOOD[kind.link]}`],
    ),
    crowding: call.crowding,
  }
}

/** From both talking to both being on this route. */
function setupMs(call: WholeCall, route: 'direct' | 'relay' | null | undefined): number {
  const talking = [call.a, call.b].map(({ peer }) => only('state', peer.events).filter(e => e.state === 'talking'))
  const latest = (times: (number | undefined)[]) => Math.max(...times.map(time => time ?? Number.NaN))
  return latest(talking.map(all => all.find(e => e.route === route)?.t)) - latest(talking.map(([first]) => first?.t))
}

const turns = new Turns()
t.setTimeout(600_000)

t.test('takes the right route and carries speech both ways', { skip, jobs: 2, timeout: 600_000 }, async t => {
  const rows = new Map<string, string>()
  const calls = kinds().map(kind =>
    t.test(nameOf(kind), { buffered: true, timeout: 200_000 }, t =>
      steadily(t, async t => {
        const played = await turns.take('call', () => play(t, kind))
        return turns.take('judging', () => look(t, kind, played, text => rows.set(nameOf(kind), text)))
      }),
    ),
  )
  await Promise.all(calls)
  for (const row of rows.values()) t.comment(row)
})
