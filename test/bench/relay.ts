/**
 * What relaying a frame of voice costs this server, beside three relays that do nothing else: CPU, delay, memory of who is only
 * there. One run, in short rounds by turns; the servers have one core, the load the other. Needs Linux, a C compiler, two cores.
 */
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fixed, markdown, median, medianCells } from './figures.js'
import type { Bench, Part } from './part.js'
import { type Contender, epoll, plainNet, plainWs, type Running, voicechat, WATCHED } from './relay/contenders.js'
import { type Closed, Load, type Paced } from './relay/load.js'
import { compile, pin } from './relay/native.js'
import { writeResults } from './results.js'
import { memoryOf, ranMs } from './usage.js'

const CALLS = 400
/** Frames of a closed round: under what a connection may send at once, so that nothing counts as a flood. */
const FRAMES = 10_000
/** `RELAY_ROUNDS` sets how many rounds are paced; twice as many are closed. */
const PACED_ROUNDS = Number(process.env.RELAY_ROUNDS ?? 20)
const CLOSED_ROUNDS = 2 * PACED_ROUNDS
const PACED_MS = 1000
/** Frames of 20 ms, as a peer sends them, fill a slow core to the brim; of 60 ms, as on a thin link, leave it room. */
const EVERY_MS = [20, 60] as const
const WARM_ROUNDS = 6
/** What came late must not count for the next one, ms. */
const PAUSE_MS = 100
/** Who is only there: so many to begin with, when all is warm, and so many more. */
const IDLE_FIRST = 1000
const IDLE_MORE = 4000
const SERVERS_CORE = 0
const LOAD_CORE = 1
const contenders = [voicechat, plainWs, plainNet, epoll]

interface Entry {
  readonly contender: Contender
  readonly running: Running
  readonly load: Load
  readonly closed: (Closed & { readonly cpuUs: number; readonly loadShare: number })[]
  /** For each of EVERY_MS. */
  readonly paced: readonly PacedRound[][]
}

type PacedRound = Paced & { readonly cpuUs: number; readonly coreShare: number }

export const relay: Part = async bench => {
  const { say, lab, atEnd } = bench
  if (!Number.isInteger(PACED_ROUNDS) || PACED_ROUNDS < 1) throw new Error('RELAY_ROUNDS is a number from 1 up')
  if (cpus().length < 2) throw new Error('the servers and the load need a core each')
  pin(process.pid, LOAD_CORE)
  const program = compile('load', lab.folder)
  const entries: Entry[] = []
  for (const contender of contenders) entries.push(await enter(bench, program, contender))
  for (let round = 0; round < WARM_ROUNDS; round++) for (const entry of entries) await entry.load.closed(FRAMES)
  await sleep(2000)
  for (let round = 0; round < CLOSED_ROUNDS; round++) for (const entry of entries) await closedRound(entry)
  for (let round = 0; round < PACED_ROUNDS; round++)
    for (const n of EVERY_MS.keys()) for (const entry of entries) await pacedRound(entry, n)
  for (const { load } of entries) load.kill()
  const idle = new Map<Contender, Idle>()
  for (const contender of [voicechat, plainWs]) idle.set(contender, await idleOf(contender, { program, lab, atEnd }))
  const lines = report(entries, idle)
  for (const line of lines) say(line)
  writeResults(say, {
    file: 'RELAY',
    title: 'What relaying costs',
    command: 'bench:relay',
    lines: [...about(), '', ...lines],
  })
}

async function enter({ lab, atEnd }: Bench, program: string, contender: Contender): Promise<Entry> {
  const running = await contender.start({ lab, atEnd })
  pin(running.pid, SERVERS_CORE)
  const load = new Load(program, contender, running.port)
  atEnd(() => load.kill())
  pin(load.pid, LOAD_CORE)
  await load.enter(0, 2 * CALLS, true)
  return { contender, running, load, closed: [], paced: EVERY_MS.map(() => []) }
}

/** Each call has one ball: who gets it throws it back. */
async function closedRound({ running, load, closed }: Entry): Promise<void> {
  const [server, own] = [ranMs(running.pid), ranMs(load.pid)]
  const result = await load.closed(FRAMES)
  const [serverAfter, ownAfter] = [ranMs(running.pid), ranMs(load.pid)]
  closed.push({
    ...result,
    cpuUs: (1000 * (serverAfter - server)) / result.frames,
    loadShare: (ownAfter - own) / result.ms,
  })
  await sleep(PAUSE_MS)
}

/** Each client sends a frame every so often, whatever comes back. */
async function pacedRound({ running, load, paced }: Entry, n: number): Promise<void> {
  const before = ranMs(running.pid)
  const result = await load.paced(PACED_MS, EVERY_MS[n]!)
  const cpuMs = ranMs(running.pid) - before
  paced[n]!.push({ ...result, cpuUs: (1000 * cpuMs) / result.came, coreShare: cpuMs / PACED_MS })
  await sleep(PAUSE_MS)
}

interface Idle {
  /** Resident memory and heap for one more connection, KiB. */
  readonly rssKib: number
  readonly heapKib: number
}

async function idleOf(
  contender: Contender,
  { program, lab, atEnd }: Pick<Bench, 'lab' | 'atEnd'> & { program: string },
) {
  const running = await contender.start({ lab, atEnd, nodeArgs: WATCHED })
  const load = new Load(program, contender, running.port)
  atEnd(() => load.kill())
  const look = async () => {
    // Closures and timers of the way in are gone after this.
    await sleep(7000)
    const heap = await running.collect()
    return { heap, rss: memoryOf(running.pid)?.rss ?? Number.NaN }
  }
  await load.enter(0, IDLE_FIRST, false)
  const before = await look()
  await load.enter(IDLE_FIRST, IDLE_FIRST + IDLE_MORE, false)
  const after = await look()
  load.kill()
  const each = (mib: number) => (1024 * mib) / IDLE_MORE
  return { rssKib: each(after.rss - before.rss), heapKib: each(after.heap - before.heap) }
}

function report(entries: readonly Entry[], idle: ReadonlyMap<Contender, Idle>): string[] {
  const yardstick = entries.find(({ contender }) => contender === plainWs)!
  /** A figure of each round, its median, where the middle half of the rounds lies, and the median of the ratios to plain ws, round by round. */
  const cells = <T>(of: (entry: Entry) => readonly T[], pick: (round: T) => number, digits: number) =>
    entries.map(entry => {
      const [values, base] = [of(entry).map(pick), of(yardstick).map(pick)]
      const ratios = values.map((value, n) => value / base[n]!)
      return [...medianCells(values, digits), fixed(median(ratios), 2)]
    })
  const closed = cells(
    ({ closed }) => closed,
    ({ cpuUs }) => cpuUs,
    2,
  )
  const limit = entries.find(({ contender }) => contender === epoll)!
  const perSecond = ({ frames, ms }: Closed) => (1000 * frames) / ms
  const share = (entry: Entry) => `${entry.contender.name} ${fixed(100 * median(entry.closed.map(r => r.loadShare)))} %`
  return [
    ...table(['a relayed frame, closed', 'CPU us', 'middle half', 'ratio'], entries, [closed]),
    '',
    `The load's ceiling: ${fixed(median(limit.closed.map(perSecond)))} frames a second, against the C relay. Of its core it used in closed rounds: ${entries.map(share).join(', ')}.`,
    ...EVERY_MS.flatMap((everyMs, n) => {
      const paced = ({ paced }: Entry) => paced[n]!
      const columns = [
        cells(paced, ({ cpuUs }) => cpuUs, 2),
        cells(paced, ({ p50 }) => p50, 0),
        cells(paced, ({ p99 }) => p99, 0),
      ]
      const heads = ['CPU us', 'p50 us', 'p99 us'].flatMap(name => [name, 'middle half', 'ratio'])
      const busy = (entry: Entry) =>
        `${entry.contender.name} ${fixed(100 * median(paced(entry).map(r => r.coreShare)))} %`
      const lost = (entry: Entry) =>
        `${entry.contender.name} ${paced(entry).reduce((sum, { sent, came }) => sum + sent - came, 0)}`
      const late = Math.max(...entries.map(entry => median(paced(entry).map(round => round.late))))
      return [
        '',
        ...table([`a relayed frame, paced: one every ${everyMs} ms`, ...heads], entries, columns),
        '',
        `${fixed((2 * CALLS * 1000) / everyMs)} frames a second; of its core each used: ${entries.map(busy).join(', ')}.`,
        `Frames that had not come a second after a round: ${entries.map(lost).join(', ')}. 1 % of the load's own frames left ${fixed(late)} us late or more (the median round of the worst).`,
      ]
    }),
    '',
    ...markdown([
      ['a connection that is only there', 'resident KiB', 'heap KiB'],
      ...[...idle].map(([{ name }, { rssKib, heapKib }]) => [name, fixed(rssKib, 1), fixed(heapKib, 1)]),
    ]),
  ]
}

/** `columns`: of each, the cells of each entry. */
function table(heads: readonly string[], entries: readonly Entry[], columns: readonly string[][][]): string[] {
  return markdown([
    heads,
    ...entries.map(({ contender }, n) => [contender.name, ...columns.flatMap(cells => cells[n]!)]),
  ])
}

function about(): string[] {
  return [
    `${CALLS} calls (${2 * CALLS} connections) through each: this server as it comes, with every limit and real logins; a plain \`ws\` relay; a relay on \`node:net\`, and one`,
    'in C on epoll, both of messages with their length in front. 120 sealed bytes a frame and the 9 of the relay leg, which acknowledges. All run at once, the servers on one core, the',
    `load on the other; by turns each gets a short round. Closed (${CLOSED_ROUNDS} rounds of ${FRAMES} frames): who gets a frame answers with one. Paced (${PACED_ROUNDS} rounds of ${PACED_MS / 1000} s): each client`,
    'sends a frame every so often, whatever comes back. CPU: what the scheduler gave the whole process. Delay: from the sending to the arrival, all frames of a round. Each figure is the median of the',
    'rounds, with where their middle half lies; the ratio is to plain `ws` in the same round, and its median.',
    '',
    `Memory: ${IDLE_FIRST} connections, garbage collected, ${IDLE_MORE} more, collected again; the difference for each. Those of this server are logged in.`,
  ]
}
