/**
 * `npm run test:full`: what `npm test` leaves out, in three lanes. Tests of sound and of time (test/quiet) run one after the
 * other on a quiet machine; beside them, at the lowest priority, those that only compute (test/computing); then the rest
 * (test/system), two at a time.
 */
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

const RUN = fileURLToPath(new URL('./run.js', import.meta.url))
const LOWEST = 19

/** The exit code of a lane. */
function run(lane: string, priority = 0): Promise<number> {
  const tests = spawn(process.execPath, [RUN, lane], { stdio: 'inherit' })
  if (tests.pid !== undefined && priority > 0) setPriority(tests.pid, priority)
  return new Promise(resolve => tests.on('close', code => resolve(code ?? 1)))
}

const computing = run('computing', LOWEST)
const codes = [await run('quiet'), await run('system'), await computing]
process.exitCode = Math.max(...codes)
