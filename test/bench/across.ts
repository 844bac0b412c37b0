/**
 * What a relayed frame costs where the two of a call came in at different servers of a cluster, beside calls of two at the same one:
 * once the call has moved to its owner, and while it crosses the bus. CPU of both servers and of NATS. By turns, through the same processes.
 */
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type Server } from '../lab/lab.js'
import { NatsLab } from '../lab/nats.js'
import { fixed, markdown, median, medianCells } from './figures.js'
import type { Part } from './part.js'
import { type CallerOptions, caller } from './relay/caller.js'
import { LIMIT_MS } from './relay/contenders.js'
import { Load } from './relay/load.js'
import { compile, pin } from './relay/native.js'
import { ServerMetrics } from './relay/server-metrics.js'
import { writeResults } from './results.js'
import { allRanMs, ranMs } from './usage.js'

/** Of each kind. */
const CALLS = 100
/** Of a closed round: well under what a connection may send at once. */
const FRAMES = 5000
/** `ACROSS_ROUNDS` sets how many rounds of each kind are paced, in each of the two comparisons; twice as many are closed. */
const PACED_ROUNDS = Number(process.env.ACROSS_ROUNDS ?? 15)
const CLOSED_ROUNDS = 2 * PACED_ROUNDS
const PACED_MS = 1000
const WARM_ROUNDS = 6
/** What came late must not count for the next one, ms. */
const PAUSE_MS = 100
/** In which all calls have moved, ms. */
const SETTLE_MS = 30_000
const SERVERS_CORE = 0
const LOAD_CORE = 1
const TO_REACH = 1.3

interface Round {
  /** For a frame, us: of all processes, and NATS' part of it. */
  readonly cpu: number
  readonly nats: number
}

interface Kind {
  readonly name: string
  readonly load: Load
}

export const across: Part = async ({ say, lab, atEnd }) => {
  const reason = NatsLab.unavailable()
  if (reason) return say(`Not measured: ${reason}.`)
  if (!Number.isInteger(PACED_ROUNDS) || PACED_ROUNDS < 1) throw new Error('ACROSS_ROUNDS is a number from 1 up')
  if (cpus().length < 2) throw new Error('the servers and the load need a core each')
  pin(process.pid, LOAD_CORE)
  const program = compile('load', lab.folder)
  const nats = await NatsLab.start(1)
  atEnd(() => nats.close())
  const servers: Server[] = []
  const monitors: number[] = []
  for (let n = 0; n < 2; n++) {
    const [port, monitor] = [await freePort(), await freePort()]
    monitors.push(monitor)
    const cluster = ['--cluster', nats.urls[0]!, '--cluster-url', `ws://127.0.0.1:${port}`]
    const args = ['--stun-port', 'off', '--metrics-listen', `127.0.0.1:${monitor}`, ...cluster]
    servers.push(await lab.server({ port, limitMs: LIMIT_MS, args }))
  }
  for (const server of servers) await server.event(line => line.msg === 'in the cluster')
  // Each has said once that it is there.
  await sleep(1_500)
  const natsPid = nats.node(0).pid
  const pids = [...servers.map(({ pid }) => pid), natsPid]
  for (const pid of pids) pin(pid, SERVERS_CORE)

  /** Calls whose side `n` comes in at the server of that number. */
  const enter = async (name: string, at: (n: number) => number, asked: CallerOptions['asked'] & string) => {
    const dial = (n: number) => ({ port: servers[at(n) % 2]!.port })
    const visited = { raw: false, acknowledges: true, talk: caller({ name: asked, asked }), dial }
    const load = new Load(program, visited, 0)
    atEnd(() => load.kill())
    pin(load.pid, LOAD_CORE)
    await load.enter(0, 2 * CALLS, true)
    return { name, load }
  }
  const used = () => ({ all: allRanMs(pids), nats: ranMs(natsPid) })
  const measure = async (act: () => Promise<number>): Promise<Round> => {
    const before = used()
    const frames = await act()
    const after = used()
    await sleep(PAUSE_MS)
    const each = (ms: number) => (1000 * ms) / frames
    return { cpu: each(after.all - before.all), nats: each(after.nats - before.nats) }
  }
  const closed = ({ load }: Kind) => measure(async () => (await load.closed(FRAMES)).frames)
  const paced = ({ load }: Kind) => measure(async () => (await load.paced(PACED_MS)).came)
  const compare = async (...kinds: readonly Kind[]) => {
    for (let n = 0; n < WARM_ROUNDS; n++) for (const kind of kinds) await closed(kind)
    const rounds = kinds.map(kind => ({ kind, closed: [] as Round[], paced: [] as Round[] }))
    // Each is the first as often as the other: what the one before has left behind must not count for one of them.
    const turn = (n: number) => (n % 2 === 0 ? rounds : rounds.toReversed())
    for (let n = 0; n < CLOSED_ROUNDS; n++) for (const { kind, closed: all } of turn(n)) all.push(await closed(kind))
    for (let n = 0; n < PACED_ROUNDS; n++) for (const { kind, paced: all } of turn(n)) all.push(await paced(kind))
    return rounds
  }

  // Half of the calls at each server; of those across, the owner is the server of the even side.
  const same = await enter('at the same server', n => n >> 1, 'fails')
  const moved = await enter('across, moved', n => n + (n >> 1), 'moves')
  await settled(monitors, 2 * CALLS, 0)
  const atOwner = await compare(same, moved)
  await settled(monitors, 2 * CALLS, 0)
  const far = await enter('across, over the bus', n => n + (n >> 1), 'stays')
  await settled(monitors, 3 * CALLS, CALLS)
  const overBus = await compare(same, far)
  await settled(monitors, 3 * CALLS, CALLS)

  const rows = [atOwner, overBus].flatMap(([base, other]) =>
    [base!, other!].map(({ kind, closed, paced }) => [
      kind.name,
      ...[
        { rounds: closed, to: base!.closed },
        { rounds: paced, to: base!.paced },
      ].flatMap(({ rounds, to }) => [
        ...medianCells(
          rounds.map(({ cpu }) => cpu),
          1,
        ),
        fixed(median(rounds.map(({ nats }) => nats)), 1),
        fixed(ratio(rounds, to), 2),
      ]),
    ]),
  )
  const columns = ['closed', 'paced'].flatMap(name => [`${name}: CPU us`, 'middle half', 'of it NATS', 'ratio'])
  const [base, other] = atOwner
  const lines = [
    `${CALLS} calls of each kind through two servers and one nats-server, which share a core; the load has the other. At the same server: both sides of a call came in`,
    'at one, half of the calls at each. Across: the two sides came in at different ones. Moved: the side that is not at the owner of the call went there, as it was asked to',
    '(no session is at another server than its call, says /metrics before and after). Over the bus: it stays where it is, and both ways of its voice cross NATS. 120 sealed',
    'bytes a frame; acknowledgements are counted as part of it, and so is all that these three processes do meanwhile. Each kind is compared with calls at the same',
    `server, by turns: ${CLOSED_ROUNDS} closed rounds of ${FRAMES} frames (who gets a frame answers with one), then ${PACED_ROUNDS} paced ones of ${PACED_MS / 1000} s (50 frames a second each). Figures are medians of`,
    'the rounds; the ratio is that of the same round, and its median.',
    '',
    ...markdown([['a relayed frame', ...columns], ...rows]),
    '',
    `A call across servers that has moved costs ${fixed(ratio(other!.closed, base!.closed), 2)} (closed) and ${fixed(ratio(other!.paced, base!.paced), 2)} (paced) of one at the same server. To reach: at most ${TO_REACH}.`,
  ]
  for (const line of lines) say(line)
  writeResults(say, {
    file: 'ACROSS',
    title: 'What a call across two servers costs',
    command: 'bench -- across',
    lines,
  })
}

function ratio(rounds: readonly Round[], to: readonly Round[]): number {
  return median(rounds.map(({ cpu }, n) => cpu / to[n]!.cpu))
}

/** Resolves when the servers, whose /metrics are at these ports, have so many calls, and so many sessions are at another server than their call. */
async function settled(monitors: readonly number[], calls: number, apart: number): Promise<void> {
  const look = async () => {
    const all = await Promise.all(monitors.map(port => ServerMetrics.of(port)))
    const sum = (of: (metrics: ServerMetrics) => number) => all.reduce((total, metrics) => total + of(metrics), 0)
    return {
      calls: sum(metrics => Object.values(metrics.byLabel('voicechat_calls')).reduce((a, b) => a + b, 0)),
      call: sum(metrics => metrics.figure('voicechat_cluster_sessions{here="call"}')),
      socket: sum(metrics => metrics.figure('voicechat_cluster_sessions{here="socket"}')),
    }
  }
  for (const until = Date.now() + SETTLE_MS; ; await sleep(200)) {
    const seen = await look()
    if (seen.calls === calls && seen.call === apart && seen.socket === apart) return
    if (Date.now() > until)
      throw new Error(`of ${calls} calls, ${apart} across servers, there are: ${JSON.stringify(seen)}`)
  }
}
