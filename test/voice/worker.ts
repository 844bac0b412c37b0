/** A thread that plays spoken calls: gets a condition's name and a seed, gives what came of it. */
import { parentPort } from 'node:worker_threads'
import { reasonOf } from '../../protocol/reason.js'
import { conditions } from './condition.js'
import type { SpokenCall } from './spoken.js'
import { spokenCall } from './spoken-call.js'

export interface Work {
  readonly name: string
  readonly seed: number
}

export type Done = Work & ({ readonly call: SpokenCall } | { readonly failed: string })

parentPort?.on('message', async ({ name, seed }: Work) => {
  const condition = conditions.find(condition => condition.name === name)!
  const done: Done = await spokenCall(condition, seed).then(
    call => ({ name, seed, call }),
    error => ({ name, seed, failed: reasonOf(error) }),
  )
  parentPort?.postMessage(done)
})
