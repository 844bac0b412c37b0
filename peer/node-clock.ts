import { performance } from 'node:perf_hooks'
import type { Clock, Timer } from '../protocol/clock.js'

/**
 * Real time: epoch milliseconds as they were when the process began, steady from then on (a changed system clock
 * does not move it). The same in each worker thread. Timers never fire early.
 */
export class NodeClock implements Clock {
  now(): number {
    return performance.timeOrigin + performance.now()
  }

  setTimeout(fn: () => void, ms: number): Timer {
    // Node cuts off the fraction, and would fire too early; from version 21 on it warns of what is past already.
    return setTimeout(fn, Math.max(0, Math.ceil(ms)))
  }

  clearTimeout(timer: Timer): void {
    clearTimeout(timer as NodeJS.Timeout | undefined)
  }
}
