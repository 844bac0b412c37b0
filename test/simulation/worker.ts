/** A thread that plays calls: gets a seed, gives its outcome. */
import { parentPort } from 'node:worker_threads'
import { type CallLength, scenarioOf } from './grammar.js'
import type { Outcome } from './outcome.js'
import { play } from './play.js'

export interface Work {
  readonly seed: number
  readonly length: CallLength
}

parentPort?.on('message', async ({ seed, length }: Work) => {
  const outcome: Outcome = await play(scenarioOf(seed, length))
  parentPort?.postMessage(outcome)
})
