/** Plays the seeds of the campaign with a bug put in, until something is found. The bug is in a copy of the compiled code. */
import { Worker } from 'node:worker_threads'
import { breakBuild } from '../broken-build.js'
import { scenarioOf } from './grammar.js'
import type { Outcome, Violation } from './outcome.js'
import { play } from './play.js'
import type { SeededBug } from './seeded-bugs-list.js'
import type { Work } from './worker.js'

/** What a call in the simulated world is made of. */
const PARTS = ['protocol', 'peer', 'signaling', 'test/simulation', 'test/virtual-clock.js', 'test/broken-build.js']

export interface Found {
  readonly seed: number
  readonly violation: Violation
}

/** Plays these seeds, one after the other. Null: nothing was found. Throws where the bug does not fit the code any more. */
export async function hunt(bug: SeededBug, seeds: Iterable<number>): Promise<Found | null> {
  const copy = breakBuild(bug.name, PARTS, bug.changes)
  const worker = new Worker(copy.path('test/simulation/worker.js'))
  try {
    for (const seed of seeds) {
      const { violations } = await outcomeOf(worker, seed)
      const [violation] = violations
      // A seed that fails without the bug says nothing of it.
      if (violation && (await play(scenarioOf(seed))).violations.length === 0) return { seed, violation }
    }
    return null
  } finally {
    await worker.terminate()
    copy.remove()
  }
}

/** From 1 to `most`. */
export function* seedsTo(most: number): Generator<number> {
  for (let seed = 1; seed <= most; seed++) yield seed
}

function outcomeOf(worker: Worker, seed: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (outcome: Outcome) => {
      worker.off('error', reject)
      resolve(outcome)
    })
    worker.postMessage({ seed, length: 'usual' } satisfies Work)
  })
}
