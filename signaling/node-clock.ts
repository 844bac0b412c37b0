import type { Clock } from '../protocol/clock.js'

/** Epoch ms, and never going back. */
export const nodeClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: timer => clearTimeout(timer as NodeJS.Timeout),
}
