import t from 'tap'
import { campaign } from './campaign.js'
import { Summary } from './campaign-summary.js'
import type { Outcome } from './outcome.js'

t.setTimeout(120_000)

t.test('some hundred short calls: nothing happens that must not', async t => {
  const done: number[] = []
  const progress = (calls: number) => done.push(calls)
  const summary = await campaign({ from: 1, to: 120, length: 'short', jobs: 2, progress })
  t.strictSame(summary.failures, [])
  t.equal(summary.calls, 120)
  t.equal(done.at(-1), 120)
  for (const line of summary.lines('1..120 --short')) t.comment(line)
})

t.test('sums up in order of the seeds', async t => {
  const outcome = (seed: number, more: Partial<Outcome> = {}): Outcome => ({
    seed,
    connected: true,
    ends: { ABC: 'hungUp', XYZ: 'peerHungUp' },
    virtualMs: 1_800_000,
    routeChanges: 600,
    keyRotations: 1,
    faults: { cut: 2, crash: 1 },
    gaps: [{ id: 'ABC', at: 5_000, ms: 40 * seed, inPeace: seed === 1, after: seed === 1 ? null : 'cut' }],
    violations: [],
    hash: String(seed),
    trace: null,
    ...more,
  })
  const violation = { invariant: 'connects', at: 7, words: 'they do not talk' }
  const summary = new Summary()
  summary.add(outcome(1))
  summary.add(outcome(2, { connected: false, ends: { ABC: 'peerHungUp', XYZ: 'hungUp' }, violations: [violation] }))
  t.strictSame(summary.failures, [{ seed: 2, violations: [violation] }])
  t.strictSame(summary.lines('1..2').slice(0, -1), [
    'seeds            1..2',
    'calls            2, 1 of them connected',
    'virtual time     1.00 hours',
    'route changes    1,200',
    'key rotations    2',
    'faults           cut 4, crash 2',
    'calls ended      hungUp + peerHungUp 2',
    'longest gaps     80 ms (seed 2, ABC at 5,000 ms, after cut), 40 ms (seed 1, ABC at 5,000 ms)',
    'with no fault    40 ms (seed 1, ABC at 5,000 ms)',
    'violations       connects 1; seeds 2',
  ])
})
