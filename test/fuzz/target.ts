/** What a file of targets/ exports as `target`: a parser, how to feed it, and what has to hold. */
import type { SeededRandom } from '../simulation/seeded-random.js'

export interface Target {
  /** Compiled files below dist/ whose coverage guides the fuzzer: those that the target is about. */
  readonly files: readonly string[]
  /** The longest input, bytes: above the parser's own limit, so that the limit is tried too. */
  readonly maxBytes: number
  /** Valid inputs to begin with. */
  readonly samples: readonly Uint8Array[]
  /** Words and numbers of the format, for the mutations. */
  readonly words?: readonly (string | Uint8Array)[]
  /** Inputs between two looks at the coverage, 512 unless given: looking costs as much as hundreds of inputs of a quick parser. */
  readonly batch?: number
  /** Makes an input that is mostly valid, where mutations alone would hardly find one. */
  readonly make?: (random: SeededRandom) => Uint8Array
  /**
   * Feeds one input. Whatever it throws is a finding: what the code throws, and what `holds` throws where something is not as it must
   * be. It keeps no state from one input to the next, and does not depend on time. What it returns says in a word what became of the
   * input; an input with a new word is kept, as one that runs new code is. There should be tens of such words, not thousands.
   */
  readonly run: (input: Uint8Array) => string | undefined
}

/** Something that must hold does not. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/** Throws a Broken that says `words` unless it holds. */
export function holds(condition: boolean, words: string): asserts condition {
  if (!condition) throw new Broken(words)
}
