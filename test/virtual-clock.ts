import type { Clock, Timer } from '../protocol/clock.js'

interface Entry {
  readonly due: number
  readonly order: number
  readonly fn: () => void
}

/**
 * A clock that stands still until told to go on. Timers run deadline by deadline, each at its own moment, in the order
 * in which they were set where deadlines are equal; so a whole world on it runs the same way every time.
 */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Entry>()

  /** `start`: what `now` says at first, ms. */
  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  /** Timers that wait. A world that has ended leaves none. */
  get pending(): number {
    return this.#timers.size
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const delay = Number.isFinite(ms) && ms > 0 ? ms : 0
    const entry: Entry = { due: this.#now + delay, order: this.#order++, fn }
    this.#timers.add(entry)
    return entry
  }

  clearTimeout(timer: Timer): void {
    this.#timers.delete(timer as Entry)
  }

  /** Goes on by `ms`, running what falls due on the way, including timers that those timers set. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = next.due
      next.fn()
    }
    this.#now = end
  }

  /** Goes on to the next deadline and runs what is due there. False when nothing waits. */
  step(): boolean {
    const next = this.#next(Number.POSITIVE_INFINITY)
    if (!next) return false
    this.advance(next.due - this.#now)
    return true
  }

  #next(end: number): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#timers) {
      if (entry.due > end) continue
      if (!first || entry.due < first.due || (entry.due === first.due && entry.order < first.order)) first = entry
    }
    return first
  }
}
