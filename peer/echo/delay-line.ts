/** Packets that come in any order, and leave in order a fixed time later. */
const NOTHING = new Uint8Array(0)

export class DelayLine {
  readonly #packets = new Map<number, Uint8Array>()
  /** The sender's count that leaves next; null: nothing came yet. */
  #next: number | null = null

  /** `frames`: how much later, in frames of 20 ms. */
  constructor(private readonly frames: number) {}

  /** Packets that wait; never more than two delays hold. */
  get length(): number {
    return this.#packets.size
  }

  /** A packet came; `at` is the sender's count (u32). Second copies and what comes after its moment go nowhere. */
  put(at: number, opus: Uint8Array): void {
    let ahead = this.#next === null ? Number.NaN : (at - this.#next) | 0
    // The first one, or the sender counts anew, or one of the two clocks stood still.
    if (!(Math.abs(ahead) <= 2 * this.frames)) {
      this.#packets.clear()
      this.#next = (at - this.frames) >>> 0
      ahead = this.frames
    }
    if (ahead >= 0) this.#packets.set(at >>> 0, opus)
  }

  /** What leaves now; to be called each 20 ms. Empty where nothing came. */
  step(): Uint8Array {
    if (this.#next === null) return NOTHING
    const opus = this.#packets.get(this.#next) ?? NOTHING
    this.#packets.delete(this.#next)
    this.#next = (this.#next + 1) >>> 0
    return opus
  }
}
