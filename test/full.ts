/**
 * `npm run test:full`: what `npm test` leaves out, in three lanes. Tests of sound and of time (test/quiet) run one after the
 * other on a quiet machine; beside them, at the lowest priority, those that only compute (test/computing); then the rest
 * (test/system), two at a time.
 */
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const LOWEST = 19

/** The exit code of tap on one folder, whose TAP goes to .tap/report. */
function lane(folder: string, jobs: number, priority = 0): Promise<number> {
  const args = [
    `--jobs=${jobs}`,
    '--timeout=600',
    `--output-file=.tap/report/${folder}.tap`,
    `dist/test/${folder}/*.test.js`,
  ]
  const tap = spawn('npx', ['tap', ...args], { cwd: ROOT, stdio: 'inherit', shell: true })
  if (tap.pid !== undefined && priority > 0) setPriority(tap.pid, priority)
  return new Promise(resolve => tap.on('close', code => resolve(code ?? 1)))
}

const computing = lane('computing', 1, LOWEST)
const codes = [await lane('quiet', 1), await lane('system', 2), await computing]
process.exitCode = Math.max(...codes)
