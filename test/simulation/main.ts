/** npm run simulate: plays calls in simulated worlds, one or very many, and reads a recorded call as if it were one of them. */
import { availableParallelism } from 'node:os'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { scenarioOf } from './grammar.js'
import { simulateMany } from './main-many.js'
import { simulateOne } from './main-one.js'
import { replayFile } from './main-replay.js'
import { parseScenario, type Scenario } from './scenario.js'

const BROKEN = 1
const USAGE = 2
const MAX_SEED = 0xffffffff

interface Options {
  readonly seeds?: { readonly from: number; readonly to: number }
  readonly seed?: number
  readonly scenario?: Scenario
  readonly replay?: string
  readonly trace?: true
  readonly short?: true
  readonly jobs?: number
}

const command = new Command('simulate')
  .description(
    'Plays calls in simulated worlds: two real peers and the real server on a virtual clock and a virtual network.',
  )
  .usage('--seeds 1..5000 | --seed N [--trace] | --scenario JSON [--trace] | --replay FILE')
  .addOption(new Option('--seeds <from..to>', 'plays the call of each seed, and sums up').argParser(range))
  .addOption(new Option('--seed <n>', 'plays the call of one seed').argParser(seed))
  .addOption(new Option('--scenario <json>', 'plays a call that is written down').argParser(scenario))
  .option('--replay <file>', 'tells what voicechat-peer --inspect FILE wrote')
  .option('--trace', 'tells one call as a timeline of both sides and the server')
  .option('--short', 'calls of a few seconds, for very many seeds')
  .addOption(new Option('--jobs <n>', 'threads that play (default: one for each core)').argParser(jobs))
  .addHelpText(
    'after',
    `
Times are virtual ms since both programs were started. The same seed gives the same text, whatever the number of jobs.
Exit codes: 0 all is well, ${BROKEN} something happened that must not (or a recorded state was not reached again), ${USAGE} usage or bad file.`,
  )
  .allowExcessArguments(false)
  .showHelpAfterError('(--help shows all options)')
  .exitOverride()

async function simulate(): Promise<number> {
  try {
    command.parse()
    return await run(command.opts<Options>())
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
    throw error
  }
}

async function run(options: Options): Promise<number> {
  const what = (['seeds', 'seed', 'scenario', 'replay'] as const).filter(name => options[name] !== undefined)
  if (what.length !== 1) command.error('error: exactly one of --seeds, --seed, --scenario and --replay is needed')
  const only = (name: 'trace' | 'short' | 'jobs', ...allowed: readonly (typeof what)[number][]) => {
    if (options[name] !== undefined && !what.some(one => allowed.includes(one)))
      command.error(`error: --${name} goes with ${allowed.map(one => `--${one}`).join(' or ')} only`)
  }
  only('trace', 'seed', 'scenario')
  only('short', 'seed', 'seeds')
  only('jobs', 'seeds')
  const length = options.short ? 'short' : 'usual'
  if (options.replay !== undefined) return replayFile(options.replay)
  if (options.seeds)
    return await simulateMany({ ...options.seeds, length, jobs: options.jobs ?? availableParallelism() })
  const one = options.scenario ?? scenarioOf(options.seed ?? 0, length)
  return await simulateOne(one, options.trace ?? false)
}

function whole(text: string, low: number, high: number): number {
  const n = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(n >= low && n <= high)) throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`)
  return n
}

function seed(text: string): number {
  return whole(text, 0, MAX_SEED)
}

function jobs(text: string): number {
  return whole(text, 1, 256)
}

function range(text: string): { from: number; to: number } {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? []
  if (first === undefined || last === undefined) throw new InvalidArgumentError('It must be like 1..5000.')
  const [from, to] = [seed(first), seed(last)]
  if (from > to) throw new InvalidArgumentError('The first seed must not be larger than the last.')
  return { from, to }
}

function scenario(text: string): Scenario {
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error.message)
  return parsed.value
}

// Whoever read our output is gone: nobody listens any more.
process.stdout.on('error', () => process.exit(0))
process.exitCode = await simulate()
