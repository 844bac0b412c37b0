/** How much of the time may be scaled: what is heard often as a change of tempo is worse than a little delay. */
import { SAMPLES_PER_MS } from './codec.js'

/** Of each second, ms. */
const BUDGET_MS = 150
/** Counted in slots of so many samples (20 ms); one slot more than a second has, so that no second gets more. */
const SLOT_SAMPLES = 20 * SAMPLES_PER_MS
const SLOTS = 51

export class ScaleBudget {
  readonly #slots = new Float64Array(SLOTS)
  #played = 0
  #spent = 0
  #total = 0

  /** Scaled since the start, ms. */
  get totalMs(): number {
    return this.#total
  }

  /** What may be scaled now, ms. */
  get leftMs(): number {
    return BUDGET_MS - this.#spent
  }

  spend(ms: number): void {
    this.#slots[this.#slot()]! += ms
    this.#spent += ms
    this.#total += ms
  }

  /** So many samples were played. */
  pass(samples: number): void {
    for (let left = samples; left > 0; ) {
      const step = Math.min(left, SLOT_SAMPLES - (this.#played % SLOT_SAMPLES))
      this.#played += step
      left -= step
      if (this.#played % SLOT_SAMPLES > 0) continue
      this.#spent = Math.max(0, this.#spent - this.#slots[this.#slot()]!)
      this.#slots[this.#slot()] = 0
    }
  }

  #slot(): number {
    return Math.floor(this.#played / SLOT_SAMPLES) % SLOTS
  }
}
