/** Plays the seeds of the campaign with a bug put in, until something is found. The bug is in a copy of the compiled code. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { scenarioOf } from './grammar.js'
import type { Outcome, Violation } from './outcome.js'
import { play } from './play.js'
import type { SeededBug } from './seeded-bugs-list.js'
import type { Work } from './worker.js'

const DIST = fileURLToPath(new URL('../../', import.meta.url))
/** What a call in the simulated world is made of. */
const PARTS = ['protocol', 'peer', 'signaling', 'test/simulation', 'test/virtual-clock.js']

export interface Found {
  readonly seed: number
  readonly violation: Violation
}

/** Plays seeds from 1 to `most`. Null: nothing was found. Throws where the bug does not fit the code any more. */
export async function hunt(bug: SeededBug, most: number): Promise<Found | null> {
  const copy = copyWith(bug)
  const worker = new Worker(join(copy, 'dist/test/simulation/worker.js'))
  try {
    for (let seed = 1; seed <= most; seed++) {
      const { violations } = await outcomeOf(worker, seed)
      const [violation] = violations
      // A seed that fails without the bug says nothing of it.
      if (violation && (await play(scenarioOf(seed))).violations.length === 0) return { seed, violation }
    }
    return null
  } finally {
    await worker.terminate()
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Below dist/, so that packages are found. */
function copyWith({ name, changes }: SeededBug): string {
  const root = join(DIST, '.seeded')
  mkdirSync(root, { recursive: true })
  const copy = mkdtempSync(join(root, 'copy-'))
  for (const part of PARTS)
    cpSync(join(DIST, part), join(copy, 'dist', part), {
      recursive: true,
      filter: path => !/\.(map|ts)$|\.test\.js$/.test(path),
    })
  // The server reads its version there.
  cpSync(join(DIST, '../package.json'), join(copy, 'package.json'))
  for (const { file, from, to } of changes) {
    const path = join(copy, 'dist', file)
    const parts = readFileSync(path, 'utf8').split(from)
    if (parts.length !== 2) throw new Error(`${name}: ${file} has ${parts.length - 1} places like ${from}`)
    writeFileSync(path, parts.join(to))
  }
  return copy
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
