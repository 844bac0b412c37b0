const STEP_MS = 10

/** How late this machine runs what is due: a call can be no better than that. `stop` gives the worst lateness since the start, ms. */
export function watchLateness(): { stop(): number } {
  let [due, worst] = [performance.now() + STEP_MS, 0]
  const timer = setInterval(() => {
    const now = performance.now()
    worst = Math.max(worst, now - due)
    due = now + STEP_MS
  }, STEP_MS)
  timer.unref()
  return {
    stop: () => {
      clearInterval(timer)
      return Math.max(worst, performance.now() - due)
    },
  }
}
