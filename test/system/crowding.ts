/** How crowded this machine is: a call can be no better than the machine lets it be. */
import { readdirSync, readFileSync } from 'node:fs'

const STEP_MS = 10

export interface Crowding {
  /** The worst that a timer of this program was late, ms. */
  readonly lateMs: number
  /**
   * For how much of the time threads of the programs that were watched were ready to run and got no processor, the sum of all of them;
   * 1: as long as the whole watch. NaN where the system does not tell (Linux does, if it was built so).
   */
  readonly waited: number
}

/** Watches from now on. `pids`: the programs that matter. `stop` gives what was seen. */
export function watchCrowding(pids: readonly (number | undefined)[] = []): { stop(): Crowding } {
  const startedAt = performance.now()
  const before = waitedMs(pids)
  let [due, worst] = [startedAt + STEP_MS, 0]
  const timer = setInterval(() => {
    const now = performance.now()
    worst = Math.max(worst, now - due)
    due = now + STEP_MS
  }, STEP_MS)
  timer.unref()
  return {
    stop() {
      clearInterval(timer)
      const now = performance.now()
      return { lateMs: Math.max(worst, now - due), waited: (waitedMs(pids) - before) / (now - startedAt) }
    },
  }
}

/** How long all threads of these programs have waited for a processor so far, ms. */
function waitedMs(pids: readonly (number | undefined)[]): number {
  try {
    return pids
      .flatMap(pid => readdirSync(`/proc/${pid}/task`).map(thread => `/proc/${pid}/task/${thread}/schedstat`))
      .reduce((sum, path) => sum + Number(readFileSync(path, 'utf8').split(' ')[1]) / 1e6, 0)
  } catch {
    return Number.NaN
  }
}

/** In words. */
export function describeCrowding({ lateMs, waited }: Crowding): string {
  const share = Number.isNaN(waited)
    ? ''
    : `, and the programs waited for a processor ${Math.round(100 * waited)} % of the time`
  return `this machine was up to ${lateMs.toFixed(0)} ms late${share}`
}
