/** npm run fuzz: feeds the parsers of outside bytes with inputs that were made to break them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { number } from '../simulation/campaign-summary.js'
import { bytesOf, entryOf, readCorpus, writeCorpus } from './corpus.js'
import { byLength } from './fuzzer.js'
import { Hunter } from './hunt.js'
import { Journal, pieceOf } from './journal.js'
import { table } from './report.js'
import { moduleOf, targets } from './targets.js'
import type { Job, JobDone } from './worker.js'

const FOUND = 1
const USAGE = 2
const OUTPUT = 'fuzz-output'
/** A long run goes over all targets so often, with a seed of its own each time and what was kept the times before. */
const MOST_ROUNDS = 4
/** Inputs of a target in one round: enough for memory to be measured. */
const LEAST_A_ROUND = 40_000

interface Options {
  readonly target?: readonly string[]
  readonly inputs: number
  readonly seed: number
  readonly minutes?: number
  readonly journal?: string
  readonly keep?: true
}

const command = new Command('fuzz')
  .description('Feeds the parsers of outside bytes with inputs that are made from what ran new code before.')
  .addOption(new Option('--target <names...>', 'these parsers alone').choices(Object.keys(targets)))
  .addOption(new Option('--inputs <n>', 'inputs in all, more for quick parsers').argParser(whole).default(1_000_000))
  .addOption(new Option('--seed <n>', 'decides all inputs').argParser(whole).default(1))
  .addOption(
    new Option('--minutes <m>', 'ends after so long; what was tried then depends on the machine').argParser(whole),
  )
  .option('--journal <file>', 'remembers there what is done, and goes on from it')
  .option('--keep', 'adds what ran new code to test/fuzz/corpus')
  .addHelpText(
    'after',
    `
The same seed and the same corpus try the same inputs. Exit codes: 0 nothing found, ${FOUND} a finding, written below ${OUTPUT}/,
${USAGE} usage.`,
  )
  .allowExcessArguments(false)
  .exitOverride()

async function main(): Promise<number> {
  try {
    command.parse()
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
    throw error
  }
  return await fuzz(command.opts<Options>())
}

async function fuzz({ target, inputs, seed, minutes, journal: path, keep }: Options): Promise<number> {
  const names = target ?? Object.keys(targets)
  const journal = new Journal(path ?? null)
  const corpora = new Map(names.map(name => [name, readCorpus(name).map(bytesOf)]))
  const ends = minutes === undefined ? null : performance.now() + 60_000 * minutes
  const shares = names.reduce((sum, name) => sum + targets[name]!.share, 0)
  const hunter = new Hunter()
  try {
    for (let round = 0; round < MOST_ROUNDS; round++)
      for (const name of names) {
        const all = Math.ceil((inputs * targets[name]!.share) / shares)
        const rounds = Math.min(MOST_ROUNDS, Math.max(1, Math.floor(all / LEAST_A_ROUND)))
        const left = ends === null ? null : ends - performance.now()
        if (round >= rounds || journal.has(name, seed + round) || (left !== null && left <= 0)) continue
        const corpus = corpora.get(name)!
        const wanted = Math.ceil(all / rounds)
        const job: Job = { module: moduleOf(name), seed: seed + round, corpus, inputs: wanted, ms: left, measure: true }
        const done = await hunter.hunt(job, tried => progress(`${name} ${number(tried)} of ${number(wanted)}`))
        progress('')
        journal.add(pieceOf(name, seed + round, done))
        corpora.set(name, [...done.corpus])
        if (keep) writeCorpus(name, [...done.corpus].sort(byLength), readCorpus(name))
        tell(name, done)
      }
  } finally {
    await hunter.close()
  }
  process.stdout.write(`${table(journal.pieces).join('\n')}\n`)
  return journal.pieces.some(({ findings }) => findings.length > 0) ? FOUND : 0
}

/** Says what was found, and writes it down. */
function tell(name: string, { findings }: JobDone): void {
  for (const [n, { kind, words, input }] of findings.entries()) {
    process.stdout.write(`${name} ${kind}: ${words}\n`)
    if (!input) continue
    mkdirSync(OUTPUT, { recursive: true })
    const path = join(OUTPUT, `${name}-${kind}-${n + 1}.json`)
    writeFileSync(path, `${JSON.stringify(entryOf(input, `${kind}: ${words}`))}\n`)
    process.stdout.write(`  its input is in ${path}: a line for test/fuzz/corpus/${name}.json\n`)
  }
}

/** On a terminal only; nothing of it stays. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function whole(text: string): number {
  const n = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(n >= 1 && n <= 0xffffffff)) throw new InvalidArgumentError('It must be a whole number, at least 1.')
  return n
}

// Whoever read our output is gone: nobody listens any more.
process.stdout.on('error', () => process.exit(0))
process.exitCode = await main()
