/** The guesses on disk, so that they outlive the program: `guesses.json` in the configuration folder. Node's alone. */
import { join } from 'node:path'
import * as z from 'zod'
import { canonicalId, ID_PATTERN, sameId } from '../../protocol/id.js'
import { StateFile } from '../../protocol/node-state-file.js'
import { type Counted, CountedGuesses, type Guesses, type GuessKind, type Permit, stillCounted } from './guesses.js'

const id = z
  .string()
  .regex(ID_PATTERN)
  .refine(text => canonicalId(text) === text)
/** What is kept of guesses. */
export const savedGuesses = z.object({
  version: z.literal(1),
  counted: z.array(
    z.object({ kind: z.enum(['guess', 'attempt']), own: id, peer: id, at: z.number().int().nonnegative() }),
  ),
})
type Saved = z.infer<typeof savedGuesses>

export class GuessFile implements Guesses {
  readonly #file: StateFile<Saved>
  readonly #guesses: CountedGuesses

  constructor(
    folder: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#file = new StateFile(
      join(folder, 'guesses.json'),
      savedGuesses,
      // To go on uncounted would let anyone guess passwords without end.
      'It holds nothing but counts of wrong guesses within the last hour: move it away, and they begin anew.',
    )
    this.#guesses = new CountedGuesses(change => {
      this.#file.update(before => ({ version: 1, counted: [...change(before?.counted ?? [])] }))
    }, now)
  }

  begin(kind: GuessKind, ownId: string, peerId: string): Permit {
    return this.#guesses.begin(kind, ownId, peerId)
  }

  /** What counts now. Throws a StateProblem. */
  list(): Counted[] {
    return stillCounted(this.#file.read()?.counted ?? [], Math.round(this.now()))
  }

  /** Takes back all that is counted with this one as the other side; how many. Throws a StateProblem. */
  unlock(peerId: string): number {
    const isIts = ({ peer }: Counted) => sameId(peer, peerId)
    const count = this.list().filter(isIts).length
    if (count > 0)
      this.#file.update(before => ({ version: 1, counted: (before?.counted ?? []).filter(each => !isIts(each)) }))
    return count
  }
}
