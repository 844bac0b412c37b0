/** How a command in a terminal passes the time of the person before it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Terminal } from './terminal.js'

export interface Step {
  readonly name: string
  readonly ms: number
  /** From one sign of life to the next, at most, ms. */
  readonly longestSilenceMs: number
  /** How often something was written before the end, which is one write more. */
  readonly signs: number
  /** What is on the screen at the end. */
  readonly screen: readonly string[]
}

const LOOK_MS = 20

/** Does something in the terminal and watches what is written until the screen matches. Rejects with the screen after `limitMs`. */
export async function watchStep(
  terminal: Terminal,
  { name, act, until, limitMs = 60_000 }: { name: string; act?: () => Promise<void>; until: RegExp; limitMs?: number },
): Promise<Step> {
  await act?.()
  const start = performance.now()
  let written = terminal.raw().length
  let [last, longestSilenceMs, signs] = [start, 0, -1]
  for (;;) {
    await sleep(LOOK_MS)
    const now = performance.now()
    const size = terminal.raw().length
    if (size > written) {
      signs++
      longestSilenceMs = Math.max(longestSilenceMs, now - last)
      ;[written, last] = [size, now]
    }
    const screen = await terminal.screen()
    if (until.test(screen.join('\n'))) {
      const end = performance.now()
      return { name, ms: end - start, longestSilenceMs: Math.max(longestSilenceMs, end - last), signs, screen }
    }
    if (now - start > limitMs) throw new Error(`${name}: ${until} does not come up:\n${screen.join('\n')}`)
  }
}

export function describe({ name, ms, longestSilenceMs, signs }: Step): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  return `${name}: ${seconds(ms)}, ${signs} signs of life on the way, longest silence ${seconds(longestSilenceMs)}`
}
