/**
 * Remembers which counters came, back to `size` behind the highest one (the idea of RFC 6479). Whatever is older counts
 * as seen. Mark a counter only after its frame authenticated, or a stranger could push the window away.
 */
export class ReplayWindow {
  readonly size: number
  readonly #bits: Uint32Array
  #highest = -1

  /** `size`: how many counters back; a multiple of 32. */
  constructor(size = 1024) {
    if (size < 32 || size % 32 !== 0) throw new RangeError('the window is a multiple of 32')
    this.size = size
    this.#bits = new Uint32Array(size / 32)
  }

  /** The highest counter marked, -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** Marks a counter (a whole number from 0). True when it is fresh; false when it came before or is too old to tell. */
  mark(counter: number): boolean {
    if (counter > this.#highest) this.#advance(counter)
    else if (counter <= this.#highest - this.size) return false
    const slot = counter % this.size
    const mask = 1 << (slot & 31)
    const word = this.#bits[slot >>> 5]!
    if (word & mask) return false
    this.#bits[slot >>> 5] = word | mask
    return true
  }

  #advance(counter: number): void {
    if (counter - this.#highest >= this.size) this.#bits.fill(0)
    else
      for (let c = this.#highest + 1; c <= counter; c++) {
        const slot = c % this.size
        this.#bits[slot >>> 5]! &= ~(1 << (slot & 31))
      }
    this.#highest = counter
  }
}
