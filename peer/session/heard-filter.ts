/** Which of the many signs of life the statechart is told of: each costs it more than sealing a frame. */
import type { RouteKind } from '../call/events.js'

/**
 * Not told again within so long, ms. Frames come each 20 ms: on the relay every fourth one passes, on the direct route every
 * third. What the statechart takes for so many ms of quiet may be that much less: it severs a call after 320 to 400 ms, and doubts
 * the direct route after 80 to 130 (90, 110 or 130 where frames come evenly). After a silence the first one passes at once, so that
 * coming back takes no longer.
 */
const APART_MS: Readonly<Record<RouteKind, number>> = { relay: 80, direct: 50 }

export class HeardFilter {
  readonly #last: Record<RouteKind, number> = { relay: Number.NEGATIVE_INFINITY, direct: Number.NEGATIVE_INFINITY }

  /** Something authentic came on `route` at `now` (ms): is it to be told? */
  passes(route: RouteKind, now: number): boolean {
    if (now - this.#last[route] < APART_MS[route]) return false
    this.#last[route] = now
    return true
  }
}
