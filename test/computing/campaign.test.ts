/** The seeds from 1 on, of usual length, on all cores: what CI plays each time. */
import { availableParallelism } from 'node:os'
import t from 'tap'
import { campaign } from '../simulation/campaign.js'

const SEEDS = 400

t.setTimeout(1_500_000)

t.test('400 calls and 8 virtual hours: nothing happens that must not', async t => {
  const summary = await campaign({ from: 1, to: SEEDS, length: 'usual', jobs: availableParallelism() })
  for (const line of summary.lines(`1..${SEEDS}`)) t.comment(line)
  t.strictSame(summary.failures, [], 'each of these seeds is played again by npm run simulate -- --seed N --trace')
  t.equal(summary.calls, SEEDS)
  t.ok(summary.hours >= 8, `${summary.hours} virtual hours`)
})
