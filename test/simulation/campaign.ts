/** Many calls, played by several threads at once; what is told of them does not depend on how many. */
import { Worker } from 'node:worker_threads'
import { Summary } from './campaign-summary.js'
import type { CallLength } from './grammar.js'
import type { Outcome } from './outcome.js'
import type { Work } from './worker.js'

export interface CampaignOptions {
  /** Seeds, both ends included. */
  readonly from: number
  readonly to: number
  readonly length: CallLength
  /** Threads. */
  readonly jobs: number
  /** Told after some calls: how many are over. */
  readonly progress?: (done: number) => void
}

/** Frames live shorter than the garbage collector of a thread expects: with room for 1 s of them it copies few, MiB. */
const YOUNG_MB = 64

/** Plays all of them. Throws when a thread fails as such; what a call does wrong is in the summary. */
export async function campaign({ from, to, length, jobs, progress }: CampaignOptions): Promise<Summary> {
  const summary = new Summary()
  const waiting = new Map<number, Outcome>()
  let next = from
  let done = 0
  const take = (outcome: Outcome) => {
    waiting.set(outcome.seed, outcome)
    for (let seed = from + summary.calls; ; seed++) {
      const outcome = waiting.get(seed)
      if (!outcome) break
      waiting.delete(seed)
      summary.add(outcome)
    }
    progress?.(++done)
  }
  const thread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      })
      const more = () => {
        if (next <= to) worker.postMessage({ seed: next++, length } satisfies Work)
        else worker.terminate().then(() => resolve(), reject)
      }
      worker.on('error', reject)
      worker.on('message', (outcome: Outcome) => {
        take(outcome)
        more()
      })
      more()
    })
  const threads = Math.max(1, Math.min(jobs, to - from + 1))
  await Promise.all(Array.from({ length: threads }, thread))
  return summary
}
