/** Each bug that is put in on purpose is found by one of the first seeds (test/simulation/SEEDED-BUGS.md says by which). */
import t from 'tap'
import { hunt } from '../simulation/seeded-bugs-hunt.js'
import { seededBugs } from '../simulation/seeded-bugs-list.js'

/** More than any of them took when they were last counted. */
const MOST_SEEDS = 200

t.setTimeout(1_500_000)
t.jobs = 2

for (const bug of seededBugs)
  t.test(`${bug.name}: ${bug.words}`, async t => {
    const found = await hunt(bug, MOST_SEEDS)
    t.ok(found, `one of ${MOST_SEEDS} seeds finds it`)
    if (found) t.comment(`seed ${found.seed}, ${found.violation.invariant}: ${found.violation.words}`)
  })
