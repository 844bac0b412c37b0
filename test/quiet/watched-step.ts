/** How a command in a terminal passes the time of the person before it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Terminal } from '../system/terminal.js'

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
/** Escape sequences, spaces and control codes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
const UNSEEN = /\x1b\[[0-9;?]*[A-Za-z]|\x1b[^[]|[\s\x00-\x1f]/g

export interface StepOptions {
  readonly name: string
  /** A line that the person types first; its echo is no sign of life. */
  readonly types?: string
  readonly until: RegExp
  readonly limitMs?: number
}

/** Watches what is written in the terminal until the screen matches. Rejects with the screen after `limitMs`. */
export async function watchStep(
  terminal: Terminal,
  { name, types = '', until, limitMs = 60_000 }: StepOptions,
): Promise<Step> {
  const from = terminal.raw().length
  const toBeSeen = () => terminal.raw().slice(from).replace(UNSEEN, '').replace(types.replaceAll(' ', ''), '').length
  if (types !== '') await terminal.command(types)
  const start = performance.now()
  let written = 0
  let [last, longestSilenceMs, signs] = [start, 0, -1]
  for (;;) {
    await sleep(LOOK_MS)
    const now = performance.now()
    const size = toBeSeen()
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
