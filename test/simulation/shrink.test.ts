import t from 'tap'
import type { Fault } from './fault.js'
import { scenarioOf } from './grammar.js'
import { plainScenario, type Scenario, writeScenario } from './scenario.js'
import { shrink } from './shrink.js'

/** The first seed whose scenario is so. */
function find(which: (scenario: Scenario) => boolean): Scenario {
  for (let seed = 1; ; seed++) {
    const scenario = scenarioOf(seed)
    if (which(scenario)) return scenario
  }
}

const isCrash = ({ kind }: Fault) => kind === 'crash'

t.test('leaves of a planted failure its one fault, between plain people', async t => {
  const breaks = async ({ faults }: Scenario) => faults.some(isCrash)
  for (const start of [1, 2, 3]) {
    const scenario = find(one => one.faults.filter(isCrash).length >= start && one.faults.length >= 6)
    const { scenario: shrunk, runs } = await shrink(scenario, breaks)
    t.match(
      writeScenario(shrunk),
      /^\{"seed":\d+,("lengthMs":\d+,)?"faults":\[\{"at":\d+,"kind":"crash","forMs":\d+\}\]\}$/,
    )
    t.ok(runs < 100, `${runs} runs`)
  }
})

t.test('keeps two faults that fail only together, and their order', async t => {
  const breaks = async ({ faults }: Scenario) => {
    const mute = faults.findIndex(({ kind }) => kind === 'mute')
    const crash = faults.findLastIndex(isCrash)
    return mute >= 0 && crash > mute
  }
  const scenario = find(one => one.faults.some(isCrash) && one.faults.length >= 8 && one.faults[0]?.kind === 'mute')
  t.ok(await breaks(scenario))
  const { scenario: shrunk } = await shrink(scenario, breaks)
  t.strictSame(
    shrunk.faults.map(({ kind }) => kind),
    ['mute', 'crash'],
  )
})

t.test('keeps what of the people matters, and drops the rest', async t => {
  const breaks = async ({ people }: Scenario) => people.XYZ.nat === 'symmetric' && (people.XYZ.access.jitterMs ?? 0) > 5
  const scenario = find(one => one.people.XYZ.nat === 'symmetric' && (one.people.XYZ.access.jitterMs ?? 0) > 5)
  const { scenario: shrunk } = await shrink(scenario, breaks)
  const { seed } = scenario
  const { people } = plainScenario(seed)
  t.strictSame(shrunk.people, {
    ...people,
    XYZ: { ...people.XYZ, nat: 'symmetric', access: { jitterMs: scenario.people.XYZ.access.jitterMs } },
  })
  t.strictSame(shrunk.faults, [])
})

t.test('stops where its budget ends, with what it has', async t => {
  const scenario = find(({ faults, lengthMs }) => faults.length >= 6 && lengthMs > 30_000)
  let runs = 0
  const breaks = async () => {
    runs++
    return false
  }
  t.strictSame(await shrink(scenario, breaks, { runs: 5, virtualMs: Number.POSITIVE_INFINITY }), { scenario, runs: 5 })
  t.equal(runs, 5)
  t.equal((await shrink(scenario, breaks, { runs: 100, virtualMs: 5_000 })).runs, 3)
})
