/** What the targets of state on disk have in common. */
import type { StateFile } from '../../protocol/node-state-file.js'
import { StateProblem } from '../../protocol/node-state-problem.js'
import { holds } from './target.js'

/** What a file of these bytes holds; or the sentence by which it says that it is damaged, which is all that may be wrong with it. */
export function readState<T>(
  file: StateFile<T>,
  bytes: Uint8Array,
): { readonly value: T } | { readonly damaged: string } {
  try {
    return { value: file.parse(bytes) }
  } catch (error) {
    if (!(error instanceof StateProblem)) throw error
    holds(error.name === 'damagedState' && error.message.length < 300, 'says in few words that it is damaged')
    return { damaged: error.message }
  }
}
