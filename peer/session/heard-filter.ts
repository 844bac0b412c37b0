/** Which of the many signs of life the statechart is told of: each costs it about as much as sealing a frame. */
import type { RouteKind } from '../call/events.js'

/**
 * While frames come each 20 ms every second one passes. So what the statechart takes for 400 ms of quiet may be 20 ms less;
 * after a silence the first one passes at once.
 */
const APART_MS = 30

export class HeardFilter {
  #last = Number.NEGATIVE_INFINITY

  /** Something authentic came on `route` at `now` (ms): is it to be told? The direct route is doubted within 100 ms, so there all is. */
  passes(route: RouteKind, now: number): boolean {
    if (route === 'direct') return true
    if (now - this.#last < APART_MS) return false
    this.#last = now
    return true
  }
}
