import type { Clock, Timer } from '../protocol/clock.js'

interface Entry {
  readonly due: number
  readonly order: number
  readonly fn: () => void
  /** Has run or was cleared; one that was cleared lies in the heap until its turn. */
  over: boolean
}

/** Below so many entries the heap is not worth cleaning of cleared ones. */
const FEW = 64

/** A delay passes, however short it is: one that is lost in a rounding would let who waits for a deadline wait for ever. */
const LEAST_MS = 0.001

/**
 * A clock that stands still until told to go on. Timers run deadline by deadline, each at its own moment, in the order
 * in which they were set where deadlines are equal; so a whole world on it runs the same way every time.
 */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  #pending = 0
  /** A binary heap: each entry runs before the two below it, at 2i + 1 and 2i + 2. */
  #heap: Entry[] = []

  /** `start`: what `now` says at first, ms. */
  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  /** Timers that wait. A world that has ended leaves none. */
  get pending(): number {
    return this.#pending
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const delay = Number.isFinite(ms) && ms > 0 ? Math.max(ms, LEAST_MS) : 0
    const entry: Entry = { due: this.#now + delay, order: this.#order++, fn, over: false }
    this.#pending++
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1, entry)
    return entry
  }

  clearTimeout(timer: Timer): void {
    const entry = timer as Entry | null | undefined
    if (!entry || entry.over) return
    entry.over = true
    this.#pending--
    // Timers that are always cleared long before their time must not pile up.
    if (this.#heap.length > FEW && this.#heap.length > 2 * this.#pending) this.#clean()
  }

  /** Goes on by `ms`, running what falls due on the way, including timers that those timers set. */
  advance(ms: number): void {
    this.#goTo(this.#now + ms)
  }

  /** Goes on to the next deadline and runs what is due there. False when nothing waits. */
  step(): boolean {
    const first = this.#first()
    if (first) this.#goTo(first.due)
    return first !== undefined
  }

  #goTo(end: number): void {
    for (let first = this.#first(); first && first.due <= end; first = this.#first()) {
      this.#take()
      first.over = true
      this.#pending--
      this.#now = first.due
      first.fn()
    }
    this.#now = end
  }

  /** The entry that runs next. */
  #first(): Entry | undefined {
    while (this.#heap[0]?.over) this.#take()
    return this.#heap[0]
  }

  /** Takes the top off the heap. */
  #take(): void {
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) this.#sink(0, last)
  }

  #clean(): void {
    const left = this.#heap.filter(entry => !entry.over)
    // What is in order is a heap.
    this.#heap = left.sort((a, b) => (before(a, b) ? -1 : 1))
  }

  /** Puts `entry` where it belongs, from `at` upwards. */
  #rise(at: number, entry: Entry): void {
    let i = at
    while (i > 0) {
      const above = (i - 1) >>> 1
      const other = this.#heap[above]!
      if (!before(entry, other)) break
      this.#heap[i] = other
      i = above
    }
    this.#heap[i] = entry
  }

  /** Puts `entry` where it belongs, from `at` downwards. */
  #sink(at: number, entry: Entry): void {
    const heap = this.#heap
    let i = at
    for (;;) {
      let below = 2 * i + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++
      if (!before(heap[below]!, entry)) break
      heap[i] = heap[below]!
      i = below
    }
    heap[i] = entry
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
