/** node dist/test/simulation/seeded-bugs.js: hunts all seeded bugs and writes test/simulation/SEEDED-BUGS.md. */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Found, hunt, seedsTo } from './seeded-bugs-hunt.js'
import { seededBugs } from './seeded-bugs-list.js'

const MOST_SEEDS = 300
const TABLE = fileURLToPath(new URL('../../../test/simulation/SEEDED-BUGS.md', import.meta.url))

const found = new Map<string, Found | null>()
const waiting = [...seededBugs]
const hunter = async () => {
  for (let bug = waiting.shift(); bug; bug = waiting.shift()) {
    const result = await hunt(bug, seedsTo(MOST_SEEDS))
    found.set(bug.name, result)
    process.stderr.write(
      `${bug.name}: ${result ? `seed ${result.seed}, ${result.violation.invariant}` : 'not found'}\n`,
    )
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, hunter))

const rows = seededBugs.map(({ name, words, changes }) => {
  const result = found.get(name)
  const where = [...new Set(changes.map(({ file }) => file.replace(/\.js$/, '.ts')))].join(', ')
  const said = result ? `\`${result.violation.invariant}\`: ${result.violation.words}` : 'nothing'
  return `| ${name} | ${words} | ${where} | ${said} | ${result?.seed ?? `more than ${MOST_SEEDS}`} |`
})

writeFileSync(
  TABLE,
  `# Bugs put in on purpose

Each of these mistakes was made in a copy of the code; then the calls of the seeds 1, 2, 3 ... were played until an invariant of
the simulated world was broken that the same call does not break without the mistake. Written by
\`npm run build && node dist/test/simulation/seeded-bugs.js\`; a test hunts them all again, with
the seed of this table first.

| Bug | What is wrong | Where | Found by | Seeds |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`,
)
process.exitCode = [...found.values()].includes(null) ? 1 : 0
