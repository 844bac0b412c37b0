/** Takes a defence away in a copy of the build, runs the test of its attack there, and says what came of it. */
import { spawn } from 'node:child_process'
import { breakBuild } from '../broken-build.js'
import type { Defence } from './defence.js'
import { attackOf, ONLY, testOf } from './list.js'

/**
 * `yes`: an assertion of the attack's test fails, as it should. `no`: the test passes. Anything else says why the result tells nothing:
 * the change does not fit the code any more, or the test did not run to an assertion.
 */
export type Noticed = 'yes' | 'no' | { readonly why: string }

/** All that the tests are made of. */
const PARTS = ['protocol', 'peer', 'signaling', 'test']
/** A test whose attack succeeds may wait for what does not come. */
const PATIENCE_MS = 240_000

export async function withoutDefence({ attack, words, changes }: Defence): Promise<Noticed> {
  let build: ReturnType<typeof breakBuild>
  try {
    build = breakBuild(words, PARTS, changes)
  } catch (error) {
    return { why: String(error) }
  }
  try {
    return read(await run(build.path(`${testOf(attackOf(attack))}.js`), attack))
  } finally {
    build.remove()
  }
}

interface Run {
  readonly tap: string
  readonly code: number | null
  readonly stderr: string
}

function run(script: string, attack: number): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], {
      // A slow machine is no reason; the first failure says all.
      env: { ...process.env, [ONLY]: `${attack}`, TAP_TIMEOUT: '300', TAP_BAIL: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    })
    let [tap, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      tap += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', code => resolve({ tap, code, stderr }))
  })
}

/** An assertion that fails stands inside of its test; a throw has `tapCaught` in what is told of it, and shows no more than a mistake. */
function read({ tap, code, stderr }: Run): Noticed {
  if (code === 0) return /^ok /m.test(tap) ? 'no' : { why: 'no test was run' }
  const failures = tap.split(/^(?=\s*(?:not )?ok )/m).filter(part => /^\s+not ok /.test(part))
  if (failures.some(part => !/^\s+tapCaught:/m.test(part))) return 'yes'
  const [last = 'nothing'] = [...failures, stderr.trim()].filter(text => text !== '').map(text => text.slice(0, 500))
  return { why: `no assertion failed, but: ${last}` }
}
