/** What a call costs this process, for `--json --verbose`. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** The monitor's timer, ms: often enough to see a stall that matters, seldom enough to cost next to nothing. */
const RESOLUTION_MS = 5

export interface ProcessFigures {
  /**
   * Distance between two ticks of a 5 ms timer on the main thread, from the first talking on: so 5 when nothing holds it up,
   * and what lies above is delay. Percentiles and the largest, ms.
   */
  readonly loopDelayP50Ms: number
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
  /** Processor time of all threads from the first talking on, ms. */
  readonly cpuUserMs: number
  readonly cpuSystemMs: number
  /** Resident memory at the end, MiB. */
  readonly rssMb: number
}

export class ProcessMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #cpu: NodeJS.CpuUsage | null = null

  /** Talking has begun; again is no harm. */
  start(): void {
    if (this.#cpu) return
    this.#cpu = process.cpuUsage()
    this.#delay.enable()
  }

  /** Stops measuring; null if nobody talked. */
  take(): ProcessFigures | null {
    if (!this.#cpu) return null
    this.#delay.disable()
    const { user, system } = process.cpuUsage(this.#cpu)
    const toMs = (ns: number) => Math.round(ns / 1e4) / 100
    return {
      loopDelayP50Ms: toMs(this.#delay.percentile(50)),
      loopDelayP99Ms: toMs(this.#delay.percentile(99)),
      loopDelayMaxMs: toMs(this.#delay.max),
      cpuUserMs: Math.round(user / 1000),
      cpuSystemMs: Math.round(system / 1000),
      rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    }
  }
}
