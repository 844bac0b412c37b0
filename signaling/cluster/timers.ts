import type { Clock, Timer } from '../../protocol/clock.js'

/** Timers that end together. */
export class Timers {
  readonly #clock: Clock
  readonly #running = new Set<Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  after(ms: number, act: () => void): void {
    const timer = this.#clock.setTimeout(() => {
      this.#running.delete(timer)
      act()
    }, ms)
    this.#running.add(timer)
  }

  every(ms: number, act: () => void): void {
    this.after(ms, () => {
      act()
      this.every(ms, act)
    })
  }

  clear(): void {
    for (const timer of this.#running) this.#clock.clearTimeout(timer)
    this.#running.clear()
  }
}
