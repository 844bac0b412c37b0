/**
 * What several processes behind one port are good for: `--workers 2` beside one process. CPU of a frame, of all processes of a server on one
 * core, says what two free cores would carry; throughput with load and server on the same two cores says what this machine does.
 */
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { pairName } from '../../protocol/pair.js'
import type { Server } from '../lab/lab.js'
import { fixed, markdown, median, medianCells } from './figures.js'
import type { Bench, Part } from './part.js'
import { caller } from './relay/caller.js'
import { LIMIT_MS } from './relay/contenders.js'
import { Load } from './relay/load.js'
import { compile, pin } from './relay/native.js'
import { ServerMetrics, sum } from './relay/server-metrics.js'
import { writeResults } from './results.js'
import { allRanMs, childrenOf, ranMs } from './usage.js'

const CALLS = 400
/** Of a round: under what a connection may send at once. */
const FRAMES = 10_000
/** `CORES_ROUNDS` sets how many rounds there are of each of the two ways. */
const ROUNDS = Number(process.env.CORES_ROUNDS ?? 30)
const WARM_ROUNDS = 6
/** What came late must not count for the next one, ms. */
const PAUSE_MS = 100
const WORKERS = 2
const SERVERS_CORE = 0
const LOAD_CORE = 1
const BOTH = `${SERVERS_CORE},${LOAD_CORE}`

interface Round {
  readonly framesPerSecond: number
  /** For a frame, us: of all processes of the server, and of the load. */
  readonly cpu: number
  readonly loadCpu: number
}

interface Entry {
  readonly name: string
  readonly pids: readonly (number | undefined)[]
  readonly load: Load
  /** On a core for the server and one for the load, and both on both. */
  readonly apart: Round[]
  readonly together: Round[]
  /** Calls of each worker. */
  readonly split: readonly number[]
}

export const cores: Part = async bench => {
  const { say, lab } = bench
  if (!Number.isInteger(ROUNDS) || ROUNDS < 1) throw new Error('CORES_ROUNDS is a number from 1 up')
  if (cpus().length < 2) throw new Error('it takes two cores')
  pin(process.pid, LOAD_CORE)
  const program = compile('load', lab.folder)
  const one = await enter(bench, program, 'one process', [])
  const several = await enter(bench, program, `${WORKERS} workers`, ['--workers', `${WORKERS}`])
  const entries = [one, several]
  for (let n = 0; n < WARM_ROUNDS; n++) for (const { load } of entries) await load.closed(FRAMES)
  await sleep(2000)
  for (let n = 0; n < ROUNDS; n++) for (const entry of entries) entry.apart.push(await round(entry))
  for (const { pids, load } of entries) for (const pid of [...pids, load.pid]) pin(pid, BOTH)
  for (let n = 0; n < WARM_ROUNDS; n++) for (const { load } of entries) await load.closed(FRAMES)
  for (let n = 0; n < ROUNDS; n++) for (const entry of entries) entry.together.push(await round(entry))
  const lines = report(one, several)
  for (const line of lines) say(line)
  writeResults(say, { file: 'CORES', title: 'What two cores carry', command: 'bench -- cores', lines })
}

async function enter({ lab, atEnd }: Bench, program: string, name: string, args: readonly string[]): Promise<Entry> {
  const server = await lab.server({ limitMs: LIMIT_MS, args: ['--stun-port', 'off', ...args] })
  const pids = [server.pid, ...childrenOf(server.pid)]
  for (const pid of pids) pin(pid, SERVERS_CORE)
  const id = (n: number) => `bench-${n}`
  const dial = (n: number) => ({ port: server.port, target: `/?pair=${pairName(id(n), id(n ^ 1))}` })
  // A client that is asked to move ends the bench.
  const load = new Load(program, { raw: false, acknowledges: true, talk: caller(), dial }, server.port)
  atEnd(() => load.kill())
  pin(load.pid, LOAD_CORE)
  await load.enter(0, 2 * CALLS, true)
  return { name, pids, load, apart: [], together: [], split: await splitOf(server, pids.length - 1) }
}

/** How many calls each worker has. Throws where the two of a call came to different ones. */
async function splitOf(server: Server, workers: number): Promise<number[]> {
  const metrics = await ServerMetrics.of(server.port)
  const apart = sum(metrics.byLabel('voicechat_cluster_sessions'))
  const begun = server.events.filter(({ msg }) => msg === 'establishing connection')
  const started = metrics.figure('voicechat_calls_started_total')
  if (apart !== 0 || started !== CALLS || begun.length !== CALLS)
    throw new Error(`of ${CALLS} calls ${started} began (${begun.length} in the log), ${apart} sessions were apart`)
  return Array.from({ length: workers }, (_, n) => begun.filter(({ worker }) => worker === n).length)
}

/** Each call has one ball: who gets it throws it back. */
async function round({ pids, load }: Entry): Promise<Round> {
  const [server, own] = [allRanMs(pids), ranMs(load.pid)]
  const { frames, ms } = await load.closed(FRAMES)
  const [serverAfter, ownAfter] = [allRanMs(pids), ranMs(load.pid)]
  await sleep(PAUSE_MS)
  const each = (ms: number) => (1000 * ms) / frames
  return { framesPerSecond: (1000 * frames) / ms, cpu: each(serverAfter - server), loadCpu: each(ownAfter - own) }
}

function report(one: Entry, several: Entry): string[] {
  const ratio = (of: (entry: Entry) => readonly Round[], pick: (round: Round) => number) =>
    median(of(several).map((round, n) => pick(round) / pick(of(one)[n]!)))
  const apart = ({ apart }: Entry) => apart
  const together = ({ together }: Entry) => together
  const cpu = ({ cpu }: Round) => cpu
  const rate = ({ framesPerSecond }: Round) => framesPerSecond
  const cost = ratio(apart, cpu)
  const carried = (entry: Entry, free: number) => fixed((free * 1e6) / median(entry.apart.map(cpu)))
  const row = (entry: Entry, free: number, costs: string, scales: string, gains: string) => [
    entry.name,
    ...medianCells(entry.apart.map(cpu), 1),
    costs,
    carried(entry, free),
    scales,
    ...medianCells(entry.together.map(rate), 0),
    gains,
    fixed(median(entry.together.map(cpu)), 1),
    fixed(median(entry.together.map(({ loadCpu }) => loadCpu)), 1),
  ]
  return [
    `${CALLS} calls (${2 * CALLS} connections) through a server of one process, and through one of ${WORKERS} workers and the process that takes the connections; every limit as it comes.`,
    `Clients name their pair in the URL, as peers do: all ${CALLS} calls are each in one worker, for both sides (no session is at another worker than its call, and nobody was asked`,
    `to move: either ends the bench). The workers have ${several.split.join(' and ')} of them. Closed rounds of ${FRAMES} frames, ${ROUNDS} of each, by turns; medians.`,
    '',
    'Apart: all processes of the server on one core, the load on the other. The CPU of a frame is that of all of the server; what it would carry is computed from it, for as many',
    `free cores as it has processes that relay, and takes for granted that memory and the kernel give two cores what they give one. On one core, ${WORKERS} workers also take turns: that costs`,
    'switches which two cores would not have.',
    '',
    'Together: server and load share both cores, so the load takes what the server could have had, and it does not stop at one core for its own part. It is what this machine does, not what',
    'a second core gives to a server.',
    '',
    ...markdown([
      [
        'a server of',
        ...['apart: CPU us', 'middle half', 'ratio', 'would carry, frames a second', 'ratio'],
        ...['together: frames a second', 'middle half', 'ratio', 'CPU us', 'CPU us of the load'],
      ],
      row(one, 1, '1.00', '1.00', '1.00'),
      row(several, WORKERS, fixed(cost, 2), fixed(WORKERS / cost, 2), fixed(ratio(together, rate), 2)),
    ]),
    '',
    `Computed for two free cores: ${fixed(WORKERS / cost, 2)} times the frames of one. Measured, with the load on the same two cores: ${fixed(ratio(together, rate), 2)} times.`,
  ]
}
