/** Connectivity checks of a simulated direct connection (ICE, RFC 8445, section 7): which endpoints of the other side get through. */
import type { Timer } from '../../protocol/clock.js'
import type { Endpoint } from './nat.js'

/** A check goes again after this, ms, then twice as long each time, up to the last. */
const FIRST_MS = 50
const LAST_MS = 1600
const MAX_ENDPOINTS = 16

export interface CheckParts {
  readonly transmit: (to: Endpoint) => void
  readonly after: (ms: number, run: () => void) => Timer
  readonly cancel: (timer: Timer) => void
}

export class VirtualChecks {
  readonly #parts: CheckParts
  /** With the timer of the next check, or null when it answered. */
  readonly #timers = new Map<Endpoint, Timer | null>()
  #over = false

  constructor(parts: CheckParts) {
    this.#parts = parts
  }

  /** The other side might be there. */
  add(endpoint: Endpoint): void {
    if (!this.#over && !this.#timers.has(endpoint) && this.#timers.size < MAX_ENDPOINTS) this.#check(endpoint, FIRST_MS)
  }

  /** Something of it came from there: whether anything gets through to there is worth asking at once. */
  cameFrom(endpoint: Endpoint): void {
    const timer = this.#timers.get(endpoint)
    if (timer === undefined) this.add(endpoint)
    else if (timer !== null && !this.#over) {
      this.#parts.cancel(timer)
      this.#check(endpoint, FIRST_MS)
    }
  }

  /** A check was answered from there: was it one of ours? */
  answered(endpoint: Endpoint): boolean {
    const timer = this.#timers.get(endpoint)
    if (timer === undefined) return false
    this.#parts.cancel(timer)
    this.#timers.set(endpoint, null)
    return true
  }

  stop(): void {
    this.#over = true
    for (const timer of this.#timers.values()) this.#parts.cancel(timer)
  }

  #check(endpoint: Endpoint, nextMs: number): void {
    this.#parts.transmit(endpoint)
    const again = () => this.#check(endpoint, Math.min(LAST_MS, 2 * nextMs))
    this.#timers.set(endpoint, this.#parts.after(nextMs, again))
  }
}
