/** A real server with many calls going through it, and attackers in a program of their own: what each attack costs the calls. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { percentOfCore, usageOf } from '../../bench/usage.js'
import type { Lab, Server } from '../../lab/lab.js'
import type { Program } from '../../lab/program.js'
import type { Vitals, VitalsLine } from '../../lab/vitals.js'
import type { AttackersEvent, Outcome } from './attackers-main.js'
import type { AttackName } from './attacks.js'
import type { LoadCommand, LoadEvent, Measured, Sums } from './load-main.js'
import { type Visits, visit } from './visitors.js'

type Counts = Readonly<Record<string, number>>

export interface Phase {
  /** What the calls' frames went through. */
  readonly measured: Measured
  readonly visits: Visits
  /** The server's CPU, % of a core; and the server at its worst. */
  readonly cpu: number
  readonly rssMb: number
  readonly loopMs: number
  readonly files: number
  /** What the server's log says that it refused and closed, by name. */
  readonly log: Counts
  /** What the attackers saw, by attack. */
  readonly attackers: Outcome
}

export interface Ending {
  readonly sums: Sums
  /** Frames that the server dropped, by name, as its log says at the end of each call. */
  readonly dropped: Counts
}

export interface SiegeOptions {
  readonly calls: number
  /** All programs are killed after this, ms. */
  readonly limitMs: number
}

/** What has begun to connect takes so long until it is there, ms. */
const GATHER_MS = 1000

export class Siege {
  private constructor(
    private readonly lab: Lab,
    readonly server: Server,
    readonly options: SiegeOptions,
    private readonly load: Program<LoadEvent>,
  ) {}

  /** Starts server and calls, and waits until the calls talk. They end with the lab. */
  static async start(lab: Lab, options: SiegeOptions): Promise<Siege> {
    const { limitMs, calls } = options
    const vitals = new URL('../../lab/vitals.js', import.meta.url).href
    const nodeArgs = ['--expose-gc', '--import', vitals]
    const server = await lab.server({ limitMs, nodeArgs, args: ['--stun-port', 'off', '--log-ids'] })
    const load = program<LoadEvent>(lab, limitMs, 'load-main.js', `${server.port}`, `${calls}`)
    await load.event(({ kind }) => kind === 'ready', 60_000)
    return new Siege(lab, server, options, load)
  }

  /** The calls go on for `ms` under these attacks; none: in peace. */
  async phase(names: readonly AttackName[], ms: number): Promise<Phase> {
    const log = this.server.events.length
    const { limitMs } = this.options
    const attackers = program<AttackersEvent>(this.lab, limitMs, 'attackers-main.js', `${this.server.port}`, ...names)
    await attackers.event(({ kind }) => kind === 'started', 60_000)
    const visitors = visit(this.server.port)
    if (names.length > 0) await sleep(GATHER_MS)
    const before = usageOf(this.server.pid)
    const measured = await this.#measure(ms)
    const after = usageOf(this.server.pid)
    const visits = await visitors.stop()
    attackers.endInput()
    const stopped = await attackers.event(({ kind }) => kind === 'stopped', 20_000)
    await attackers.exit(20_000)
    const lines = this.server.events.slice(log)
    const vitals = vitalsIn(lines)
    const worst = (pick: (vitals: Vitals) => number) => Math.max(...vitals.map(pick))
    return {
      measured,
      visits,
      cpu: percentOfCore(before, after),
      rssMb: worst(({ rssMb }) => rssMb),
      loopMs: worst(({ loopMs }) => loopMs),
      files: worst(({ files }) => files),
      log: refusalsIn(lines),
      attackers: stopped.kind === 'stopped' ? stopped.outcome : {},
    }
  }

  /** What the server holds when the garbage is gone: once that is no more than it held `before`, at the latest after `withinMs`. */
  async settled(withinMs = 0, before?: Vitals): Promise<Vitals> {
    for (const until = Date.now() + withinMs; ; await sleep(500)) {
      const seen = this.server.events.length
      this.server.kill('SIGUSR2')
      await this.server.event(line => vitalsIn([line])[0]?.collected === true, 30_000, seen)
      const now = vitalsIn(this.server.events.slice(seen)).find(({ collected }) => collected)!
      const back = before && now.files <= before.files && now.handles <= before.handles
      if (back || Date.now() >= until) return now
    }
  }

  /** The calls end. */
  async finish(): Promise<Ending> {
    const seen = this.server.events.length
    this.load.send({ do: 'finish' } satisfies LoadCommand)
    const sums = await this.load.event((event): boolean => event.kind === 'sums', 60_000)
    await this.load.exit(20_000)
    const ends = () => this.server.events.slice(seen).filter(({ msg, ids }) => msg === 'call ended' && isLoad(ids))
    for (const until = Date.now() + 10_000; ends().length < this.options.calls && Date.now() < until; ) await sleep(50)
    const dropped: Record<string, number> = {}
    for (const { dropped: byId = {} } of this.server.events.filter(
      ({ msg, ids }) => msg === 'call ended' && isLoad(ids),
    ))
      for (const drops of Object.values(byId as Record<string, Counts>))
        for (const [why, count] of Object.entries(drops)) dropped[why] = (dropped[why] ?? 0) + count
    return { sums: sums as Sums, dropped }
  }

  async #measure(ms: number): Promise<Measured> {
    const seen = this.load.events.length
    this.load.send({ do: 'measure', ms } satisfies LoadCommand)
    return (await this.load.event(({ kind }) => kind === 'measured', ms + 30_000, seen)) as Measured
  }
}

function program<E extends object>(lab: Lab, limitMs: number, name: string, ...args: string[]): Program<E> {
  const path = fileURLToPath(new URL(name, import.meta.url))
  return lab.program(path, args, { name, limitMs }) as unknown as Program<E>
}

function isLoad(ids: unknown): boolean {
  return Array.isArray(ids) && ids.some(id => String(id).startsWith('load-'))
}

function vitalsIn(lines: readonly Record<string, unknown>[]): Vitals[] {
  return lines.flatMap(line => ('vitals' in line ? (line as unknown as VitalsLine).vitals : []))
}

function refusalsIn(lines: readonly Record<string, unknown>[]): Counts {
  const counts: Record<string, number> = {}
  for (const { msg, why, counts: more = {} } of lines) {
    for (const [name, count] of Object.entries(more as Counts)) {
      const plain = name.replace(/^.*: /, '')
      counts[plain] = (counts[plain] ?? 0) + count
    }
    if (typeof why !== 'string' || why === 'gone' || msg === 'call ended') continue
    counts[why] = (counts[why] ?? 0) + 1
  }
  return counts
}
