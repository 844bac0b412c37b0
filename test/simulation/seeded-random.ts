import { FNV_BASIS, fnv } from '../../protocol/fnv.js'
import type { Random } from '../../protocol/random.js'

/** Reproducible randomness for a simulated world: mulberry32. Not for secrets. */
export class SeededRandom {
  readonly #seed: number
  #state: number

  constructor(seed: number) {
    this.#seed = seed >>> 0
    this.#state = this.#seed
  }

  /** From 0 to 1, 1 excluded. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** A whole number from 0 up, below `limit`. */
  below(limit: number): number {
    return Math.floor(limit * this.next())
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** As programs want it: `length` bytes. */
  readonly bytes: Random = length => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = Math.floor(this.next() * 256)
    return bytes
  }

  /**
   * A source of its own, from the same seed and a name (FNV-1a): what one thing draws changes nothing for another, so that a fault more
   * or less leaves the rest of a world as it was.
   */
  fork(name: string): SeededRandom {
    let hash = FNV_BASIS ^ this.#seed
    for (let i = 0; i < name.length; i++) hash = fnv(hash, name.charCodeAt(i))
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    return new SeededRandom(hash ^ (hash >>> 13))
  }
}
