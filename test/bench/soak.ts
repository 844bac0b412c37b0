/**
 * 10,000 connections that are only there and 250 calls, for ten minutes, at a server with the limits that it comes with: whether its memory
 * grows, whether a connection is lost, and what became of each frame. Either of the last two without a name fails the bench.
 */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../lab/lab.js'
import type { Vitals, VitalsLine } from '../lab/vitals.js'
import { fixed, markdown } from './figures.js'
import type { Part } from './part.js'
import { caller } from './relay/caller.js'
import { collect, LIMIT_MS } from './relay/contenders.js'
import { Load, type Paced } from './relay/load.js'
import { compile, pin } from './relay/native.js'
import { named, ServerMetrics, sum } from './relay/server-metrics.js'
import { writeResults } from './results.js'
import { ranMs } from './usage.js'

/** `SOAK_MINUTES` sets another time. */
const MINUTES = Number(process.env.SOAK_MINUTES ?? 10)
const MINUTE = 60_000
const TALKING = 500
const IDLE = 10_000
/** Their numbers, and with them their addresses, lie behind those of who talks. */
const IDLE_FROM = 1024
/** A frame each 20 ms, or as a thin link makes it, two or three at a time: the first at which the load keeps up and the server needs less of its core. */
const PACES_MS = [20, 40, 60]
const BUSY = 0.8
const KEEPS_UP = 0.98
const TRY_MS = 10_000
/** The vitals look at all sockets: not too often, ms. */
const VITALS_MS = 5_000
const FILES = IDLE + TALKING + 500
const SERVER_CORE = 0
const LOAD_CORE = 1

interface Minute extends Paced {
  readonly vitals: Vitals
  readonly cpuShare: number
  readonly drops: Readonly<Record<string, number>>
}

export const soak: Part = async ({ say, lab, atEnd }) => {
  if (!Number.isInteger(MINUTES) || MINUTES < 1) throw new Error('SOAK_MINUTES is a number from 1 up')
  if (cpus().length < 2) throw new Error('the server and the load need a core each')
  refuseFewFiles()
  pin(process.pid, LOAD_CORE)
  const program = compile('load', lab.folder)
  const vitals = new URL(`../lab/vitals.js?ms=${VITALS_MS}`, import.meta.url).href
  const nodeArgs = ['--expose-gc', '--import', vitals]
  const server = await lab.server({ limitMs: LIMIT_MS, nodeArgs, args: ['--stun-port', 'off'] })
  pin(server.pid, SERVER_CORE)
  const visited = { raw: false, acknowledges: true, talk: caller() }
  const [idle, talking] = [new Load(program, visited, server.port), new Load(program, visited, server.port)]
  for (const load of [idle, talking]) {
    atEnd(() => load.kill())
    pin(load.pid, LOAD_CORE)
  }
  /** What one client that is cut breaks off. */
  const holding = <T>(work: Promise<T>): Promise<T> => Promise.race([work, idle.lost(), talking.lost()])
  const minutes: Minute[] = []
  try {
    await holding(idle.enter(IDLE_FROM, IDLE_FROM + IDLE, false))
    await holding(talking.enter(0, TALKING, true))
    say(`${IDLE} connections are there, ${TALKING} talk.`)

    const talk = async (ms: number, everyMs: number) => {
      const [before, from] = [ranMs(server.pid), performance.now()]
      const paced = await holding(talking.paced(ms, everyMs))
      return { ...paced, cpuShare: (ranMs(server.pid) - before) / (performance.now() - from) }
    }
    let everyMs = Number.NaN
    const tried: string[] = []
    for (everyMs of PACES_MS) {
      const { cpuShare, sent } = await talk(TRY_MS, everyMs)
      const kept = sent / due(TRY_MS, everyMs)
      tried.push(
        `${fixed(1000 / everyMs)} frames a second: ${fixed(100 * cpuShare)} % of the core, ${fixed(100 * kept)} % of the frames sent`,
      )
      if (cpuShare < BUSY && kept > KEEPS_UP) break
    }
    say(`Tried: ${tried.join('; ')}.`)

    const heapBefore = await collect(server)
    for (let drops = (await ServerMetrics.of(server.port)).byLabel(DROPS); minutes.length < MINUTES; ) {
      const round = await talk(MINUTE, everyMs)
      const now = (await ServerMetrics.of(server.port)).byLabel(DROPS)
      const before = drops
      drops = now
      const dropped = Object.fromEntries(Object.entries(now).map(([why, count]) => [why, count - before[why]!]))
      minutes.push({ ...round, vitals: lastVitals(server), drops: dropped })
      say(cells(minutes.length, minutes.at(-1)!).join('   '))
    }
    const heapAfter = await collect(server)
    // What still comes has come.
    await holding(sleep(2_000))
    const { sent, came } = await holding(talking.totals())
    const metrics = await ServerMetrics.of(server.port)
    const drops = metrics.byLabel(DROPS)
    const relayed = metrics.figure('voicechat_relay_frames_total')
    const closed = metrics.byLabel('voicechat_connections_closed_total')
    const peers = metrics.figure('voicechat_peers')
    const account = `${sent} frames sent, ${came} came, ${relayed} relayed, dropped: ${named(drops)}`
    if (sum(closed) > 0 || peers !== IDLE + TALKING)
      throw new Error(`${peers} peers are left; closed: ${named(closed)}`)
    if (sent !== relayed + sum(drops) || came !== relayed) throw new Error(`frames without a name: ${account}`)

    const from = minutes[Math.min(1, minutes.length - 1)]!
    const growth = minutes.at(-1)!.vitals.rssMb - from.vitals.rssMb
    const lines = [
      `${IDLE} connections that are only there and answer pings, and ${TALKING / 2} calls whose ${TALKING} sides send ${fixed(1000 / everyMs)} frames of 120 bytes a second each, at a server as it comes,`,
      `with every limit and real logins, for ${MINUTES} minutes. Tried before: ${tried.join('; ')}; wanted: less than ${100 * BUSY} %, and more than ${100 * KEEPS_UP} %. ${due(MINUTE, everyMs)} frames are due each`,
      'minute; what the load could not send for half a second it leaves out, as a peer would.',
      'The server has one core, the load the other; clients come from many addresses. Memory is what the server says of itself, without a forced collection of garbage. Came: within a',
      'second of the end of its minute. The delay is that from client to client. Loop: how late a timer of 1 ms was at the worst, in the last seconds of the minute.',
      '',
      ...markdown([HEADS, ...minutes.map((minute, n) => cells(n + 1, minute))]),
      '',
      `Resident memory grew by ${fixed(growth, 1)} MiB from the end of minute ${minutes.indexOf(from) + 1} to the end of minute ${minutes.length}. With garbage collected the heap held ${fixed(heapBefore, 1)} MiB before and ${fixed(heapAfter, 1)} MiB after.`,
      `Connections lost: 0 of ${IDLE + TALKING}.`,
      `All frames, with those before the first minute: ${account}. Each that did not come has its name.`,
    ]
    for (const line of lines.slice(-3)) say(line)
    writeResults(say, { file: 'SOAK', title: 'Ten thousand connections', command: 'bench -- soak', lines })
  } catch (error) {
    const metrics = await ServerMetrics.of(server.port).catch(() => null)
    if (metrics) say(`What the server closed: ${named(metrics.byLabel('voicechat_connections_closed_total'))}.`)
    throw error
  }
}

/** Frames to be sent in so long. */
function due(ms: number, everyMs: number): number {
  return (TALKING * ms) / everyMs
}

const DROPS = 'voicechat_relay_drops_total'
const HEADS = [
  'minute',
  'resident MiB',
  'heap MiB',
  'CPU, % of a core',
  'sent',
  'came',
  'dropped',
  'p50 ms',
  'p99 ms',
  'loop ms',
]

function cells(n: number, { vitals, cpuShare, sent, came, drops, p50, p99 }: Minute): string[] {
  const memory = [fixed(vitals.rssMb, 1), fixed(vitals.heapMb, 1), fixed(100 * cpuShare)]
  return [
    `${n}`,
    ...memory,
    `${sent}`,
    `${came}`,
    named(drops),
    fixed(p50 / 1000, 1),
    fixed(p99 / 1000, 1),
    fixed(vitals.loopMs),
  ]
}

function lastVitals(server: Server): Vitals {
  const line = server.events.findLast(event => 'vitals' in event)
  if (!line) throw new Error('the server has told nothing of itself')
  return (line as unknown as VitalsLine).vitals
}

/** The server, the load of the idle ones and this program hold as many files as there are connections; what a program starts inherits its limit. */
function refuseFewFiles(): void {
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
  if (Number(limit) < FILES) throw new Error(`a process may open ${limit} files and needs ${FILES}: ulimit -n ${FILES}`)
}
