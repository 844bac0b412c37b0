/** A thread that fuzzes: gets one job after the other. It loads nothing that a target is about before the coverage is on. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { SeededRandom } from '../simulation/seeded-random.js'
import { Coverage, type Covered } from './coverage.js'
import type { Finding } from './finding.js'
import { Fuzzer } from './fuzzer.js'
import { SharedInput } from './shared-input.js'
import { Slowness } from './slowness.js'
import type { Target } from './target.js'

export interface Job {
  /** URL of the module that exports the target. */
  readonly module: string
  readonly seed: number
  /** Inputs to begin with; they are tried too, and do not count. */
  readonly corpus: readonly Uint8Array[]
  /** Fresh inputs, in whole batches. 0: the corpus alone. */
  readonly inputs: number
  /** Ends earlier after so long, ms; null: never. With a limit the outcome depends on the machine. */
  readonly ms: number | null
  /** Whether to ask what is slow, and what is kept in memory: for long runs, since both are measured. */
  readonly measure: boolean
  /** Leave the target's own samples out. */
  readonly alone?: boolean
}

export interface JobDone {
  readonly inputs: number
  readonly ms: number
  /** Those that add something; of a long run the short ones first, and no more than it takes. */
  readonly corpus: readonly Uint8Array[]
  readonly covered: Covered
  readonly findings: readonly Finding[]
  /** What was in memory after a full collection at the end, above what was after half of the inputs, bytes; null: not measured. */
  readonly grown: number | null
}

export type FromWorker = { readonly inputs: number } | { readonly done: JobDone } | { readonly failed: string }

export interface WorkerInput {
  readonly shared: SharedArrayBuffer
  /** URL below which code is looked at. */
  readonly root: string
}

/** In so many laps: after each one memory is measured. */
const LAPS = 8
/** More than this is growth, bytes: code that gets optimised late takes some of it. */
const MOST_GROWN = 3 * 2 ** 20
/** Below this a run is too short to tell. */
const LEAST_MEASURED = 20_000

const { shared: buffer, root } = workerData as WorkerInput
const shared = new SharedInput(buffer)
const coverage = new Coverage(root)
// V8 forgets the code of functions that have not run for a while, and with it which of their blocks did.
setFlagsFromString('--no-flush-bytecode')
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function work({ module, seed, corpus, inputs, ms, measure, alone }: Job): Promise<JobDone> {
  const { target } = (await import(module)) as { readonly target: Target }
  coverage.watch(target.files)
  const slowness = measure ? new Slowness() : null
  const fuzzer = new Fuzzer({ target, coverage, random: new SeededRandom(seed), shared, slowness })
  const started = performance.now()
  await fuzzer.begin([...(alone ? [] : target.samples), ...corpus])
  const laps: number[] = []
  while (fuzzer.inputs < inputs && !fuzzer.brokenEnough && (ms === null || performance.now() - started < ms)) {
    await fuzzer.batch()
    if (measure && fuzzer.inputs >= ((laps.length + 1) * inputs) / LAPS) laps.push(memory() - bytesOf(fuzzer.corpus))
    parentPort?.postMessage({ inputs: fuzzer.inputs } satisfies FromWorker)
  }
  const took = performance.now() - started
  const grown =
    fuzzer.inputs >= LEAST_MEASURED && laps.length >= 4 ? laps.at(-1)! - laps[(laps.length >> 1) - 1]! : null
  const { covered } = coverage
  // Later finds may do all that earlier ones did. Nobody keeps the corpus of a short run.
  if (measure) await fuzzer.begin(fuzzer.corpus.slice())
  const findings: Finding[] = [...fuzzer.findings]
  if (grown !== null && grown > MOST_GROWN) {
    const words = `${Math.round(grown / 1024)} kB more are kept at the end than after half of the inputs`
    findings.push({ kind: 'grows', words, input: null })
  }
  return { inputs: fuzzer.inputs, ms: took, corpus: fuzzer.corpus, covered, findings, grown }
}

function memory(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function bytesOf(corpus: readonly Uint8Array[]): number {
  return corpus.reduce((sum, { length }) => sum + length, 0)
}

parentPort?.on('message', async (job: Job) => {
  try {
    parentPort?.postMessage({ done: await work(job) } satisfies FromWorker)
  } catch (error) {
    const failed = error instanceof Error ? (error.stack ?? error.message) : String(error)
    parentPort?.postMessage({ failed } satisfies FromWorker)
  }
})
