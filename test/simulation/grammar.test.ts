import { createHash } from 'node:crypto'
import t from 'tap'
import { type FaultKind, faultKinds } from './fault.js'
import { scenarioOf } from './grammar.js'
import { parseScenario, type Scenario, writeScenario } from './scenario.js'

const SEEDS = 2_000
const usual = Array.from({ length: SEEDS }, (_, i) => scenarioOf(i + 1))
const short = Array.from({ length: SEEDS }, (_, i) => scenarioOf(i + 1, 'short'))

const share = (scenarios: readonly Scenario[], which: (scenario: Scenario) => boolean) =>
  scenarios.filter(which).length / scenarios.length

t.test('makes scenarios that are what they should be, and that survive being written', async t => {
  for (const scenario of [...usual, ...short]) {
    const read = parseScenario(writeScenario(scenario))
    if (!read.ok || JSON.stringify(read.value) !== JSON.stringify(scenario))
      return t.fail(`seed ${scenario.seed}: ${read.ok ? 'is another one when read' : read.error.message}`)
    if (
      String(scenario.faults.map(({ at }) => at)) !== String(scenario.faults.map(({ at }) => at).sort((a, b) => a - b))
    )
      return t.fail(`seed ${scenario.seed}: faults are not in order of time`)
  }
  t.pass(`${usual.length + short.length} scenarios`)
})

t.test('makes the same scenario of the same seed, on each machine and version of Node', async t => {
  t.strictSame(scenarioOf(7), scenarioOf(7))
  t.not(writeScenario(scenarioOf(7)).slice(10), writeScenario(scenarioOf(8)).slice(10))
  const hash = createHash('sha256')
  for (const scenario of [...usual, ...short]) hash.update(JSON.stringify(scenario))
  // Changes when the grammar does: seeds then stand for other calls, and the documentation that names seeds is out of date.
  t.equal(hash.digest('hex').slice(0, 16), '3d599ebff1363c5e')
})

t.test('makes one call in twenty 10 minutes or longer, and one in ten with epochs of 256 frames', async t => {
  const long = share(usual, ({ lengthMs }) => lengthMs >= 600_000)
  t.ok(long > 0.035 && long < 0.065, `${long} are long`)
  t.ok(share(usual, ({ lengthMs }) => lengthMs >= 10_000) === 1)
  t.ok(share(short, ({ lengthMs }) => lengthMs <= 7_000) === 1)
  for (const scenarios of [usual, short]) {
    const small = share(scenarios, ({ framesPerEpoch }) => framesPerEpoch === 0x100)
    t.ok(small > 0.08 && small < 0.12, `${small} have small epochs`)
  }
})

t.test('makes every kind of fault, person and ending within 1,000 seeds', async t => {
  for (const scenarios of [usual.slice(0, 1_000), short.slice(0, 1_000)]) {
    const all = scenarios.flatMap(({ faults }) => faults.map(({ kind }) => kind))
    for (const kind of faultKinds) t.ok(all.filter(one => one === kind).length > 50, kind)
    const people = scenarios.flatMap(({ people: { ABC, XYZ } }) => [ABC, XYZ])
    t.equal(new Set(people.map(({ nat, route, engine }) => `${nat} ${route} ${engine}`)).size, 4 * 3 * 2)
    t.equal(new Set(scenarios.map(({ ending }) => ending.kind)).size, 5)
    t.equal(new Set(scenarios.map(({ password }) => password)).size, 4)
  }
})

t.test('makes rare combinations: each two kinds of faults within one second of each other', async t => {
  const pairs = new Set<string>()
  for (const { faults } of usual)
    for (const [i, one] of faults.entries())
      for (const other of faults.slice(i + 1)) if (other.at - one.at < 1_000) pairs.add(pair(one.kind, other.kind))
  const possible = (faultKinds.length * (faultKinds.length + 1)) / 2
  t.ok(pairs.size > 0.95 * possible, `${pairs.size} of ${possible} pairs`)
})

function pair(one: FaultKind, other: FaultKind): string {
  return [one, other].sort().join(' ')
}
