/** Has a thread fuzz a target, and looks on: a thread that hangs is stopped, and what it hung on is known. */
import { Worker } from 'node:worker_threads'
import type { Finding } from './finding.js'
import { minimise } from './minimise.js'
import { SharedInput } from './shared-input.js'
import type { FromWorker, Job, JobDone, WorkerInput } from './worker.js'

/** One input that takes more than this of a processor hangs, ms. Waiting for a busy machine does not count. */
const HANG_CPU_MS = 4_000
/** While it is made smaller a quarter of that has to do, so many times. */
const HANG_TRIES = 24
const LOOK_MS = 50
/** More than this no target needs, MiB. */
const HEAP_MB = 768

/** Below it lies all that is compiled. */
export const DIST = new URL('../../', import.meta.url).href

/** Fuzzes target after target in one thread, until one of them kills it. Close it when done. */
export class Hunter {
  #thread: { readonly worker: Worker; readonly shared: SharedInput } | null = null

  /** `root`: the URL below which the code is that is looked at. `hangMs`: what of a processor one input may take, ms. */
  constructor(
    private readonly root: string = DIST,
    private readonly hangMs: number = HANG_CPU_MS,
  ) {}

  /** Does one job. Rejects where a target can't be loaded, not for what it finds. `progress`: told how many inputs were tried. */
  async hunt(job: Job, progress: (inputs: number) => void = () => {}): Promise<JobDone> {
    const ended = await this.#run(job, this.hangMs, progress)
    if (!('stuck' in ended)) return ended
    const { stuck, inputs, ms } = ended
    const stillDoes = async (candidate: Uint8Array, hangMs: number) => {
      const again: Job = { ...job, corpus: [candidate], inputs: 0, measure: false, alone: true }
      const ended = await this.#run(again, hangMs, () => {})
      return 'stuck' in ended && ended.stuck.kind === stuck.kind
    }
    const small =
      stuck.input && (await minimise(stuck.input, candidate => stillDoes(candidate, this.hangMs / 4), HANG_TRIES))
    // On a busy machine a thread that only starts may have taken that long.
    const input = small && (await stillDoes(small, this.hangMs)) ? small : stuck.input
    const findings = [{ ...stuck, input }]
    return { inputs, ms, corpus: job.corpus, covered: { blocks: 0, ran: 0 }, findings, grown: null }
  }

  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    await thread?.worker.terminate()
  }

  #run(
    job: Job,
    hangMs: number,
    progress: (inputs: number) => void,
  ): Promise<JobDone | { readonly stuck: Finding; readonly inputs: number; readonly ms: number }> {
    this.#thread ??= this.#start()
    const { worker, shared } = this.#thread
    const started = performance.now()
    return new Promise((resolve, reject) => {
      let inputs = 0
      const settle = (then: () => void) => {
        clearInterval(looking)
        worker.off('message', onMessage)
        worker.off('error', onError)
        then()
      }
      const stuck = (kind: Finding['kind'], words: string) => {
        const input = shared.current
        settle(async () => {
          await this.close()
          resolve({ stuck: { kind, words, input }, inputs, ms: performance.now() - started })
        })
      }
      let [begun, spent] = [shared.begun, cpuMs()]
      const looking = setInterval(() => {
        if (shared.begun !== begun || shared.current === null) [begun, spent] = [shared.begun, cpuMs()]
        else if (cpuMs() - spent > hangMs) stuck('hangs', `runs for more than ${hangMs} ms`)
      }, LOOK_MS)
      const onMessage = (message: FromWorker) => {
        if ('done' in message) settle(() => resolve(message.done))
        else if ('failed' in message) settle(() => reject(new Error(message.failed)))
        else {
          inputs = message.inputs
          progress(inputs)
        }
      }
      const onError = (error: unknown) => {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ERR_WORKER_OUT_OF_MEMORY') stuck('memory', `takes more than ${HEAP_MB} MiB`)
        else settle(() => reject(error))
      }
      worker.on('message', onMessage)
      worker.on('error', onError)
      worker.postMessage(job)
    })
  }

  #start() {
    const shared = new SharedInput()
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { shared: shared.buffer, root: this.root } satisfies WorkerInput,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      // What a test runner has Node load and map would count as the work of the first input.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    return { worker, shared }
  }
}

/** Of this process: besides the thread that fuzzes nothing in it has to do. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
