/** The same call over the relay and directly, by each engine, in turns: how soon, how late, at what cost. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RouteKind } from '../../peer/call/events.js'
import { only } from '../lab/event.js'
import type { Lab, Server } from '../lab/lab.js'
import { judge } from '../measure/hearing.js'
import { endOf, looped } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { fixed, median, table } from './figures.js'
import type { Part } from './part.js'

const TURNS = 5
const TALK_S = 6
/** The server has to outlive all of them, ms. */
const LIMIT_MS = 600_000

const ways = {
  relay: { route: 'relay', args: ['--route', 'relay'] },
  native: { route: 'direct', args: ['--webrtc', 'native'] },
  werift: { route: 'direct', args: ['--webrtc', 'werift'] },
} as const satisfies Record<string, { route: RouteKind; args: readonly string[] }>
type Way = keyof typeof ways

interface Run {
  /** From the moment both are there to the first sound, and to the voice on the route that is meant, ms. */
  readonly soundMs: number
  readonly routeMs: number
  /** Mouth to ear, and the way alone: half of the round trip, ms. */
  readonly delayMs: number
  readonly oneWayMs: number
  /** Both sides, % of a core. */
  readonly cpu: number
  readonly rssMb: number
}

export const routes: Part = async ({ say, lab }) => {
  const server = await lab.server({ limitMs: LIMIT_MS })
  const runs: Record<Way, Run[]> = { relay: [], native: [], werift: [] }
  for (let turn = 0; turn < TURNS; turn++)
    for (const way of Object.keys(ways) as Way[]) runs[way].push(await run(lab, server, way, turn))

  const columns: readonly (readonly [head: string, unit: string, digits: number, pick: (run: Run) => number])[] = [
    ['first sound', 'ms', 0, run => run.soundMs],
    ['on this route', 'ms', 0, run => run.routeMs],
    ['mouth to ear', 'ms', 0, run => run.delayMs],
    ['one way', 'ms', 1, run => run.oneWayMs],
    ['CPU a side', '%', 1, run => run.cpu],
    ['RSS', 'MiB', 0, run => run.rssMb],
  ]
  const of = (way: Way, pick: (run: Run) => number) => median(runs[way].map(pick))
  const rows = (Object.keys(ways) as Way[]).map(way => [
    way,
    ...columns.map(([, unit, digits, pick]) => {
      const [here, relayed] = [of(way, pick), of('relay', pick)]
      return `${fixed(here, digits)} ${unit} (${fixed(here / relayed, 2)})`
    }),
  ])
  for (const line of table([['', ...columns.map(([head]) => head)], ...rows])) say(line)
  say(
    `Median of ${TURNS} calls of ${TALK_S} s each, in turns, all on this machine; in brackets the ratio to the relay.`,
  )
  say('First sound and route: from the moment that both agree on keys. One way: half of the round trip, whole ms.')
}

async function run(lab: Lab, server: Server, way: Way, turn: number): Promise<Run> {
  const { route, args } = ways[way]
  const heard = lab.path(`${way}-${turn}.wav`)
  const side = (id: string, to: string, speaker: string) => {
    const who = ['--id', id, '--to', to, '--server', server.url, '--wait', '20', '--json', '--verbose']
    const sound = ['--mic', `file:${speechPath('congratulations')}`, '--speaker', speaker]
    return lab.peer([...who, ...sound, ...args], { name: id, home: id })
  }
  const both = [side('ABC', 'XYZ', `file:${heard}`), side('XYZ', 'ABC', 'none')] as const
  const [listener, speaker] = both
  const each = <T>(get: (peer: (typeof both)[number]) => Promise<T>) => Promise.all(both.map(get))
  const agreeing = await each(peer =>
    peer.event(event => event.event === 'state' && event.state === 'agreeing', 20_000),
  )
  const on = await each(peer => peer.event(event => event.event === 'state' && event.route === route, 20_000))
  await sleep(TALK_S * 1000)
  listener.send({ do: 'hangup' })
  await each(peer => peer.exit(15_000))
  const present = Math.max(...agreeing.map(({ t }) => t))
  const [hears] = only('devices', listener.events)
  const [speaks] = only('devices', speaker.events)
  const sound = { ...readWav(heard), startedAt: hears?.speaker.startedAt ?? Number.NaN }
  const speech = { ...readWav(speechPath('congratulations')), startedAt: speaks?.microphone.startedAt ?? Number.NaN }
  const { delay, firstSoundAt } = judge(looped(speech, endOf(sound)), sound)
  const costs = both.flatMap(({ events }) => only('process', events))
  const talked = both.map(({ events }) => {
    const talking = only('state', events).filter(({ state }) => state === 'talking' || state === 'ended')
    return (talking.at(-1)?.t ?? 0) - (talking[0]?.t ?? 0)
  })
  const rtts = only('stats', listener.events).flatMap(stats => stats.routes[route].rttMs ?? [])
  return {
    soundMs: (firstSoundAt ?? Number.NaN) - present,
    routeMs: Math.max(...on.map(({ t }) => t)) - present,
    delayMs: delay.p50,
    oneWayMs: median(rtts) / 2,
    cpu: median(costs.map(({ cpuUserMs, cpuSystemMs }, i) => (100 * (cpuUserMs + cpuSystemMs)) / talked[i]!)),
    rssMb: median(costs.map(({ rssMb }) => rssMb)),
  }
}
