/** The fixed work beside which a call's CPU is shown: encoding and sealing as many frames, in a process of its own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const script = fileURLToPath(new URL('./yardstick-once.js', import.meta.url))

export interface Yardstick {
  /** User and system, ms, once warm. */
  readonly cpuMs: number
}

export async function runYardstick(frames: number): Promise<Yardstick> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, `${frames}`])
  return JSON.parse(stdout) as Yardstick
}
