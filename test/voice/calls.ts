import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Done, Work } from './worker.js'

const MOST_WORKERS = 2

/** Plays calls over at most two cores; `done` gets each as it is over. `stop` ends all of it. */
export function playCalls(works: readonly Work[], done: (done: Done) => void) {
  const count = Math.min(MOST_WORKERS, availableParallelism(), works.length)
  let next = 0
  const workers = Array.from({ length: count }, () => new Worker(new URL('./worker.js', import.meta.url)))
  const stop = async () => {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  const finished = Promise.all(
    workers.map(
      worker =>
        new Promise<void>((resolve, reject) => {
          const give = () => {
            const work = works[next++]
            if (work) worker.postMessage(work)
            else worker.terminate().then(() => resolve(), reject)
          }
          worker.on('error', reject)
          worker.on('message', (result: Done) => {
            done(result)
            give()
          })
          give()
        }),
    ),
  ).finally(stop)
  return { finished, stop }
}
