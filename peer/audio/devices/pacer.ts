import type { Clock, Timer } from '../../../protocol/clock.js'

/**
 * Steps at even distances, counted from the start: lateness of a timer never adds up, and after a stall the missed
 * steps follow at once.
 */
export class Pacer {
  readonly #clock: Clock
  readonly #stepMs: number
  readonly #onStep: (dueMs: number) => void
  #startedAt = 0
  #steps = 0
  #timer: Timer | null = null

  constructor(clock: Clock, stepMs: number, onStep: (dueMs: number) => void) {
    this.#clock = clock
    this.#stepMs = stepMs
    this.#onStep = onStep
  }

  /** The first step comes one distance from now. Returns now. */
  start(): number {
    this.#startedAt = this.#clock.now()
    this.#steps = 0
    this.#schedule()
    return this.#startedAt
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Runs the steps that are due. */
  catchUp(): void {
    // The clock's rounding must not put a step off by a whole timer.
    while (this.#timer !== null && this.#deadline() <= this.#clock.now() + 1e-6) {
      const due = this.#deadline()
      this.#steps++
      this.#onStep(due)
    }
  }

  #deadline(): number {
    return this.#startedAt + (this.#steps + 1) * this.#stepMs
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.catchUp()
      if (this.#timer !== null) this.#schedule()
    }, this.#deadline() - this.#clock.now())
  }
}
