/** simulate --seeds A..B: very many calls, a summary, and of the first failures what is left when all that does not matter is gone. */
import { type CampaignOptions, campaign } from './campaign.js'
import { type Failure, number } from './campaign-summary.js'
import { type CallLength, scenarioOf } from './grammar.js'
import { commandFor } from './main-one.js'
import { play } from './play.js'
import { scenarioLines } from './scenario.js'
import { shrink } from './shrink.js'

const BROKEN = 1
/** So many failures are shrunk, each of another invariant. */
const SHRUNK = 3
const BAR = 30

/** Plays all and prints a summary. Returns the exit code. */
export async function simulateMany(options: Omit<CampaignOptions, 'progress'>): Promise<number> {
  const { from, to, length } = options
  const all = to - from + 1
  const summary = await campaign({ ...options, progress: done => bar(done, all) })
  bar(0, 0)
  const short = length === 'short' ? ' --short' : ''
  process.stdout.write(`${summary.lines(`${from}..${to}${short}`).join('\n')}\n`)
  for (const [invariant, failure] of firstOfEach(summary.failures)) {
    const lines = await failureLines(failure, invariant, length)
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
  return summary.failures.length > 0 ? BROKEN : 0
}

function firstOfEach(failures: readonly Failure[]): (readonly [invariant: string, failure: Failure])[] {
  const first = new Map<string, Failure>()
  for (const failure of failures)
    for (const { invariant } of failure.violations) if (!first.has(invariant)) first.set(invariant, failure)
  return [...first].slice(0, SHRUNK)
}

async function failureLines({ seed, violations }: Failure, name: string, length: CallLength): Promise<string[]> {
  const broken = violations.find(({ invariant }) => invariant === name)
  const { scenario, runs } = await shrink(scenarioOf(seed, length), async candidate => {
    const outcome = await play(candidate)
    return outcome.violations.some(({ invariant }) => invariant === name)
  })
  return [
    `Seed ${seed} breaks ${name} at ${number(broken?.at ?? 0)} ms: ${broken?.words}`,
    `  npm run simulate -- --seed ${seed}${length === 'short' ? ' --short' : ''} --trace`,
    `What is left that still breaks it (${runs} calls were played to find out):`,
    ...scenarioLines(scenario).map(line => `  ${line}`),
    `  ${commandFor(scenario)}`,
  ]
}

/** On a terminal only; nothing of it stays. */
function bar(done: number, all: number): void {
  if (!process.stderr.isTTY) return
  const full = all === 0 ? 0 : Math.floor((BAR * done) / all)
  const text = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${number(done)} of ${number(all)} calls`
  process.stderr.write(all === 0 ? '\r\x1b[K' : `\r${text}`)
}
