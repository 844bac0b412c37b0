/**
 * Each bug that is put in on purpose is found by one of the first seeds. The one that found it last (test/simulation/SEEDED-BUGS.md) is
 * played first: the calls before it were played to find it, and nothing happened in them.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { hunt, seedsTo } from '../simulation/seeded-bugs-hunt.js'
import { seededBugs } from '../simulation/seeded-bugs-list.js'

/** More than any of them took when they were last counted. */
const MOST_SEEDS = 200

const table = readFileSync(new URL('../../../test/simulation/SEEDED-BUGS.md', import.meta.url), 'utf8')
const lastSeeds = new Map(
  [...table.matchAll(/^\| ([^|]+) \|.*\| (\d+) \|$/gm)].map(([, name, seed]) => [name, Number(seed)]),
)

function* seedsFor(name: string): Generator<number> {
  const last = lastSeeds.get(name)
  if (last !== undefined) yield last
  yield* seedsTo(MOST_SEEDS)
}

t.setTimeout(1_500_000)
t.jobs = 2

for (const bug of seededBugs)
  t.test(`${bug.name}: ${bug.words}`, async t => {
    const found = await hunt(bug, seedsFor(bug.name))
    t.ok(found, `one of ${MOST_SEEDS} seeds finds it`)
    if (found) t.comment(`seed ${found.seed}, ${found.violation.invariant}: ${found.violation.words}`)
  })
