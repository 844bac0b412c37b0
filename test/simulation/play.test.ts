import t from 'tap'
import { scenarioOf } from './grammar.js'
import type { Outcome } from './outcome.js'
import { play } from './play.js'
import { parseScenario, plainScenario, type Scenario } from './scenario.js'

/** A scenario as JSON, without its seed. */
function scenario(parts: object): Scenario {
  const parsed = parseScenario(JSON.stringify({ seed: 1, lengthMs: 3_000, ...parts }))
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}

const ends = ({ ends: { ABC, XYZ } }: Outcome) => `${ABC} ${XYZ}`

t.test('plays the plainest call: both talk, and one hangs up', async t => {
  const outcome = await play(plainScenario(1))
  t.match(outcome, { connected: true, violations: [], faults: {}, trace: null, hash: /^[0-9a-f]{64}$/ })
  t.equal(ends(outcome), 'hungUp peerHungUp')
  t.ok(outcome.virtualMs > 10_000 && outcome.virtualMs < 12_000)
})

t.test('ends calls in each way', async t => {
  const expected: readonly (readonly [object, string])[] = [
    [{ ending: { kind: 'hangUp', who: 'XYZ' } }, 'peerHungUp hungUp'],
    [{ ending: { kind: 'both' } }, 'hungUp hungUp'],
    [{ ending: { kind: 'killed', who: 'XYZ' } }, 'vanished killed'],
    [{ ending: { kind: 'limit', who: 'ABC' } }, 'hungUp peerHungUp'],
    [{ ending: { kind: 'alone', who: 'ABC' } }, 'nobodyCame never came'],
    [{ password: 'different' }, 'unverified unverified'],
    [{ password: 'oneSide' }, 'unverified unverified'],
    [{ people: { ABC: { route: 'direct' }, XYZ: { route: 'relay' } } }, 'noRoute noRoute'],
    [{ people: { ABC: { route: 'direct', engine: false } } }, 'noRoute noRoute'],
  ]
  for (const [parts, pair] of expected) {
    const outcome = await play(scenario(parts))
    t.equal(ends(outcome), pair, JSON.stringify(parts))
    t.strictSame(outcome.violations, [])
  }
})

t.test('does each kind of fault, and none of them breaks anything', async t => {
  const who = 'ABC'
  for (const fault of [
    { kind: 'cut', who },
    { kind: 'strand', who },
    { kind: 'move', who },
    { kind: 'partition', between: 'all', forMs: 2_000 },
    { kind: 'worse', who, way: 'up', quality: { loss: 0.3 }, forMs: 2_000 },
    { kind: 'crash', forMs: 2_000 },
    { kind: 'restart', forMs: 2_000 },
    { kind: 'stop', who, forMs: 2_000 },
    { kind: 'sleep', who, forMs: 2_000 },
    { kind: 'nat', who, nat: 'udpBlocked' },
    { kind: 'directDies', way: 'ABC-XYZ', forMs: 2_000 },
    { kind: 'directWorse', way: 'both', quality: { loss: 0.3, jitterMs: 300 }, forMs: 2_000 },
    { kind: 'mute', who },
    { kind: 'unmute', who },
    { kind: 'confirm', who },
    { kind: 'again', who, killed: false, afterMs: 100 },
    { kind: 'again', who, killed: true, afterMs: 100 },
    { kind: 'bothAgain', afterMs: 100 },
    { kind: 'second', who, own: true, forMs: 1_000 },
    { kind: 'second', who, own: false, forMs: 1_000 },
    { kind: 'tamper', who, how: 'flip', every: 2, forMs: 1_000 },
    { kind: 'tamper', who, how: 'replay', every: 2, forMs: 1_000 },
    { kind: 'tamper', who, how: 'drop', every: 2, forMs: 1_000 },
    { kind: 'tamper', who, how: 'noise', every: 2, forMs: 1_000 },
  ]) {
    const route = fault.kind === 'tamper' ? { people: { ABC: { route: 'relay' } } } : {}
    const outcome = await play(scenario({ ...route, faults: [{ at: 1_000, ...fault }] }))
    t.strictSame(outcome.violations, [], JSON.stringify(fault))
    t.equal(outcome.faults[fault.kind as keyof Outcome['faults']], 1)
    t.equal(ends(outcome), 'hungUp peerHungUp')
  }
})

t.test('counts keys that were replaced', async t => {
  t.equal((await play(scenario({ framesPerEpoch: 0x100, lengthMs: 12_000 }))).keyRotations, 4)
  t.equal((await play(scenario({ lengthMs: 12_000 }))).keyRotations, 0)
})

t.test('tells of a gap, whether anything was wrong at the time, and what', async t => {
  const faults = [{ at: 1_500, kind: 'partition', between: 'all', forMs: 1_000 }]
  const { gaps } = await play(scenario({ lengthMs: 6_000, faults }))
  t.ok(gaps.length === 2 && gaps.every(({ ms, inPeace }) => ms > 800 && ms < 3_000 && !inPeace), JSON.stringify(gaps))
  t.strictSame(
    gaps.map(({ after }) => after),
    ['partition', 'partition'],
  )
  t.strictSame((await play(scenario({ lengthMs: 6_000, faults: [{ at: 1_500, kind: 'mute', who: 'ABC' }] }))).gaps, [])
})

t.test('gives the same outcome of the same scenario, with and without its timeline', async t => {
  const eventful = scenarioOf(3, 'short')
  const first = await play(eventful)
  const { trace, ...second } = await play(eventful, { trace: true })
  t.strictSame({ ...second, trace: null }, first)
  t.ok(trace?.some(line => /ABC +server\.online 1/.test(line)))
  t.ok(trace?.some(line => / - {2,}fault: /.test(line)))
  t.ok(trace?.some(line => / server +connected /.test(line)))
  t.notOk(
    trace?.some(line => /differs/.test(line)),
    'the statecharts do again what they did',
  )
  t.not((await play(scenarioOf(4, 'short'))).hash, first.hash)
})

t.test('says what was thrown', async t => {
  const thrower = {
    name: 'thrower',
    watch: () => ({
      look() {
        throw new Error('thrown on purpose')
      },
    }),
  }
  const { violations } = await play(plainScenario(1), { invariants: [thrower] })
  t.match(violations, [{ invariant: 'throws', words: /^thrown on purpose at (?!.*\/home)/ }])
})
