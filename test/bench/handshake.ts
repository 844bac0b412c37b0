/** The key agreement alone, without a network: in a fresh process, where nothing is compiled yet, and warm. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fixed, median, table } from './figures.js'
import type { Part } from './part.js'

const PROCESSES = 5
const script = fileURLToPath(new URL('./handshake-once.js', import.meta.url))

export const handshake: Part = async ({ say }) => {
  const runs: { login: number; first: number; warm: number }[] = []
  for (let n = 0; n < PROCESSES; n++) {
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    runs.push(JSON.parse(stdout) as { login: number; first: number; warm: number })
  }
  const row = (name: string, pick: (run: (typeof runs)[number]) => number) => [
    name,
    `${fixed(median(runs.map(pick)), 1)} ms`,
  ]
  const rows = [
    row('the first login signature of a process', run => run.login),
    row('then the first handshake of a process, both sides', run => run.first),
    row('the twentieth', run => run.warm),
  ]
  for (const line of table(rows)) say(line)
  say(`Median of ${PROCESSES} processes; four flights and both confirmations, one thread, with a password.`)
}
