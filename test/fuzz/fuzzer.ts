/**
 * Runs inputs through a target and keeps those that run new code. All that it decides follows from the seed and what it began with: coverage
 * is looked at after a fixed number of inputs, and never a clock.
 */
import type { SeededRandom } from '../simulation/seeded-random.js'
import type { Coverage } from './coverage.js'
import { type Finding, signatureOf, wordsOf } from './finding.js'
import { minimise } from './minimise.js'
import { bytes, mutate, type Pool, pick } from './mutations.js'
import type { SharedInput } from './shared-input.js'
import type { Slowness } from './slowness.js'
import type { Target } from './target.js'

const BATCH = 512
/** A target that is broken in more ways than this has been broken enough. */
const MOST_FINDINGS = 5
/** How often an input that looks slow is tried again; the quickest counts. */
const SLOW_TRIES = 3

export interface FuzzerParts {
  readonly target: Target
  readonly coverage: Coverage
  readonly random: SeededRandom
  /** Where a supervisor looks when this thread never comes back. */
  readonly shared: SharedInput
  /** Null: nobody asks what is slow. */
  readonly slowness: Slowness | null
}

export class Fuzzer {
  readonly #parts: FuzzerParts
  readonly #pool: Pool & { corpus: Uint8Array[] }
  readonly #outcomes = new Set<string>()
  readonly #signatures = new Set<string>()
  /** Inputs that were tried for the first time. */
  inputs = 0
  readonly findings: Finding[] = []

  constructor(parts: FuzzerParts) {
    this.#parts = parts
    const { words = [], maxBytes } = parts.target
    this.#pool = { corpus: [], words: words.map(bytes), maxBytes }
  }

  /** What ran new code, in the order in which it was found. */
  get corpus(): readonly Uint8Array[] {
    return this.#pool.corpus
  }

  get brokenEnough(): boolean {
    return this.findings.length >= MOST_FINDINGS
  }

  /** Begins anew, with those of these inputs that add something: the short ones come first. */
  async begin(inputs: readonly Uint8Array[]): Promise<void> {
    this.#parts.coverage.forget()
    this.#outcomes.clear()
    this.#pool.corpus.length = 0
    // Copies, and no Buffers: a Buffer's slice() is a view.
    const copies = inputs.map(input => new Uint8Array(input))
    for (const input of copies.sort(byLength)) await this.#learnFrom([input])
  }

  /** Tries the next batch of inputs. */
  async batch(): Promise<void> {
    const { random, target } = this.#parts
    const { corpus, maxBytes } = this.#pool
    const inputs = Array.from({ length: target.batch ?? BATCH }, () => {
      const made = target.make && (corpus.length === 0 || random.chance(0.2)) ? target.make(random) : null
      if (made && random.chance(0.5)) return made.slice(0, maxBytes)
      if (corpus.length === 0) return made ?? random.bytes(random.below(maxBytes + 1))
      return mutate(made ?? this.#parent(), random, this.#pool)
    })
    this.inputs += inputs.length
    await this.#learnFrom(inputs)
  }

  /** New ones more often: there is more to be found near them. */
  #parent(): Uint8Array {
    const { random } = this.#parts
    const { corpus } = this.#pool
    return pick(random.chance(0.5) ? corpus : corpus.slice(-Math.ceil(corpus.length / 4)), random)
  }

  /** Tries these, and keeps the ones that are new in their words or in what they run. */
  async #learnFrom(inputs: readonly Uint8Array[]): Promise<void> {
    const { coverage } = this.#parts
    coverage.begin()
    const worded = new Set<Uint8Array>()
    for (const input of inputs) {
      const outcome = await this.#try(input)
      if (outcome === null || this.#outcomes.has(outcome)) continue
      this.#outcomes.add(outcome)
      worded.add(input)
    }
    if (coverage.isNew()) {
      const { ran } = coverage
      for (const input of inputs.length === 1 ? inputs : this.#bisect(inputs)) worded.add(input)
      // Also what only all of them together did: else each batch from now on would be searched for it.
      coverage.learn(ran)
    }
    for (const input of inputs) if (worded.has(input)) this.#pool.corpus.push(input)
  }

  /** Which of these run new code, each beyond what those before it ran. Learns it. */
  #bisect(inputs: readonly Uint8Array[]): Uint8Array[] {
    const { coverage } = this.#parts
    coverage.begin()
    for (const input of inputs) this.#run(input)
    if (!coverage.isNew()) return []
    if (inputs.length === 1) {
      coverage.learn(coverage.ran)
      return [...inputs]
    }
    const middle = inputs.length >> 1
    return [...this.#bisect(inputs.slice(0, middle)), ...this.#bisect(inputs.slice(middle))]
  }

  /** The word for what became of it; null where it is a finding. */
  async #try(input: Uint8Array): Promise<string | null> {
    const { slowness } = this.#parts
    const started = performance.now()
    const result = this.#run(input)
    if (slowness?.isSlow(input.length, performance.now() - started)) this.#trySlow(input)
    if ('outcome' in result) return result.outcome
    const signature = signatureOf(result.error)
    if (!this.#signatures.has(signature)) {
      this.#signatures.add(signature)
      const stillDoes = (candidate: Uint8Array) => {
        const other = this.#run(candidate)
        return 'error' in other && signatureOf(other.error) === signature
      }
      const small = await minimise(input, stillDoes)
      const again = this.#run(small)
      this.findings.push({
        kind: 'throws',
        words: wordsOf('error' in again ? again.error : result.error),
        input: small,
      })
    }
    return null
  }

  #trySlow(input: Uint8Array): void {
    const times = Array.from({ length: SLOW_TRIES }, () => {
      const started = performance.now()
      this.#run(input)
      return performance.now() - started
    })
    if (this.#signatures.has('slow') || !times.every(ms => this.#parts.slowness?.isSlow(input.length, ms))) return
    this.#signatures.add('slow')
    const words = `takes ${Math.min(...times).toFixed(1)} ms, a hundred times as long as others of its length`
    this.findings.push({ kind: 'slow', words, input })
  }

  #run(input: Uint8Array): { readonly outcome: string } | { readonly error: unknown } {
    const { shared, target } = this.#parts
    shared.begin(input)
    try {
      return { outcome: target.run(input) ?? '' }
    } catch (error) {
      return { error }
    } finally {
      shared.end()
    }
  }
}

/** And by their bytes, so that the order never depends on where they come from. */
export function byLength(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || Buffer.compare(a, b)
}
