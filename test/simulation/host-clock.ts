/** The clock of one process in the simulated world: it can be stopped and continued, and stands still while its machine sleeps. */
import type { Clock, Timer } from '../../protocol/clock.js'

interface Entry {
  /** By this clock, ms. */
  readonly due: number
  readonly order: number
  readonly fn: () => void
  /** The world's timer; null while there is none. */
  timer: Timer | null
}

export class HostClock implements Clock {
  /** Callbacks that ran, in all. */
  ran = 0
  readonly #world: Clock
  readonly #entries = new Set<Entry>()
  #order = 0
  #stopped = false
  /** How long it stood still so far; and since when it does now, by the world's clock. */
  #behind = 0
  #asleepSince: number | null = null
  #dead = false

  constructor(world: Clock) {
    this.#world = world
  }

  now(): number {
    return (this.#asleepSince ?? this.#world.now()) - this.#behind
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#entries.size
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const delay = Number.isFinite(ms) && ms > 0 ? ms : 0
    const entry: Entry = { due: this.now() + delay, order: this.#order++, fn, timer: null }
    if (this.#dead) return entry
    this.#entries.add(entry)
    if (this.#asleepSince === null) this.#set(entry, delay)
    return entry
  }

  clearTimeout(timer: Timer): void {
    const entry = timer as Entry | null | undefined
    if (!entry || !this.#entries.delete(entry)) return
    this.#world.clearTimeout(entry.timer)
  }

  /** The process is stopped: time goes on, nothing runs. */
  stop(): void {
    this.#stopped = true
  }

  /** The process goes on: what is overdue runs, in the order of the deadlines. */
  go(): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#runOverdue()
  }

  /** The machine sleeps: its time stands still. */
  sleep(): void {
    if (this.#asleepSince !== null || this.#dead) return
    this.#asleepSince = this.#world.now()
    for (const entry of this.#entries) {
      this.#world.clearTimeout(entry.timer)
      entry.timer = null
    }
  }

  wake(): void {
    if (this.#asleepSince === null) return
    this.#behind += this.#world.now() - this.#asleepSince
    this.#asleepSince = null
    const now = this.now()
    for (const entry of this.#entries) this.#set(entry, entry.due - now)
  }

  /** The process is no more: none of its timers ever runs. */
  end(): void {
    for (const entry of this.#entries) this.#world.clearTimeout(entry.timer)
    this.#entries.clear()
    this.#dead = true
  }

  #set(entry: Entry, ms: number): void {
    entry.timer = this.#world.setTimeout(() => {
      entry.timer = null
      if (!this.#stopped) this.#run(entry)
    }, ms)
  }

  #run(entry: Entry): void {
    this.#entries.delete(entry)
    this.ran++
    entry.fn()
  }

  #runOverdue(): void {
    // Asleep, all wait without a timer; waking up sets them again.
    if (this.#asleepSince !== null) return
    const overdue = [...this.#entries].filter(({ timer }) => timer === null)
    overdue.sort((a, b) => a.due - b.due || a.order - b.order)
    // One may clear another.
    for (const entry of overdue) if (this.#entries.has(entry)) this.#run(entry)
  }
}
