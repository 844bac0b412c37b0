/** What a timer function gives back; only ever handed to `clearTimeout`. */
export type Timer = unknown

/**
 * Time, handed in: real in the programs, virtual in the simulated world.
 * `setTimeout` and `clearTimeout` fit XState's clock.
 */
export interface Clock {
  /** Milliseconds since some fixed moment, never going back. Fractions allowed. */
  now(): number
  setTimeout(fn: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}
