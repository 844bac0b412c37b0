/**
 * The grammar of calls: fast-check arbitraries that make scenarios. Each scenario uses kinds of faults of its own choice (swarm
 * testing: Groce and others, ISSTA 2012), so that rare combinations come up; faults come alone and close together.
 */
import * as fc from 'fast-check'
import { type Fault, type FaultKind, faultKinds, ids } from './fault.js'
import { faultOf } from './grammar-fault.js'
import { between, weighted } from './grammar-number.js'
import { people } from './grammar-person.js'
import type { Ending, Scenario } from './scenario.js'

/** `short`: calls of a few seconds, for very many seeds. */
export type CallLength = 'usual' | 'short'

/** The scenario that a seed names: the same on each machine and each version of Node. */
export function scenarioOf(seed: number, length: CallLength = 'usual'): Scenario {
  const [scenario] = fc.sample(scenarios(seed, length), { seed: stir(seed), numRuns: 1 })
  if (!scenario) throw new Error('fast-check gave nothing')
  return scenario
}

/** Scenarios whose world runs from `seed`. */
export function scenarios(seed: number, length: CallLength): fc.Arbitrary<Scenario> {
  const short = length === 'short'
  const lengths = short
    ? between(1_500, 7_000)
    : weighted([95, between(10_000, 58_000)], [5, between(600_000, 700_000)])
  return fc.noBias(
    lengths.chain(lengthMs =>
      fc.record({
        seed: fc.constant(seed >>> 0),
        people: people(short),
        password: passwords,
        framesPerEpoch: epochs,
        lengthMs: fc.constant(lengthMs),
        faults: faults(lengthMs),
        settles: weighted([7, fc.constant(true)], [3, fc.constant(false)]),
        ending: endings,
        // Last: what came before means the same calls as ever.
        changedKey: weighted<Scenario['changedKey']>([38, fc.constant('nobody')], [2, fc.constantFrom(...ids)]),
      }),
    ),
  )
}

const passwords = weighted<Scenario['password']>(
  [16, fc.constant('same')],
  [5, fc.constant('none')],
  [1, fc.constant('different')],
  [1, fc.constant('oneSide')],
)
const epochs = weighted<Scenario['framesPerEpoch']>([9, fc.constant(0x10000)], [1, fc.constant(0x100)])
const whose = fc.constantFrom(...ids)
const endings = weighted<Ending>(
  [10, fc.record({ kind: fc.constant('hangUp'), who: whose })],
  [3, fc.record({ kind: fc.constant('both') })],
  [3, fc.record({ kind: fc.constant('killed'), who: whose })],
  [4, fc.record({ kind: fc.constant('limit'), who: whose })],
  [1, fc.record({ kind: fc.constant('alone'), who: whose })],
)

/** Faults in order of time, of kinds that this one scenario chose, at moments of which some lie close together. */
function faults(lengthMs: number): fc.Arbitrary<Fault[]> {
  // A long call has more of them, but also long times of peace: what goes wrong then is what time itself does.
  const most = lengthMs < 10_000 ? 4 : lengthMs < 100_000 ? 10 : 30
  const counts = weighted([2, fc.constant(0)], [4, fc.constant(1)], [8, between(2, 4)], [6, between(3, most)])
  return fc
    .record({ kinds: swarm, count: counts, clusters: fc.array(moment(lengthMs), CLUSTERS) })
    .chain(({ kinds, count, clusters }) =>
      fc
        .array(
          fc.record({
            kind: fc.constantFrom(...kinds),
            at: weighted(
              [4, moment(lengthMs)],
              [3, fc.tuple(fc.constantFrom(...clusters), between(0, 1_500)).map(([near, late]) => near + late)],
              [2, fc.tuple(fc.constantFrom(...clusters), between(0, 60)).map(([near, late]) => near + late)],
            ),
          }),
          { minLength: count, maxLength: count },
        )
        .chain(moments => fc.tuple(...moments.map(({ kind, at }) => faultOf(kind, at, lengthMs))))
        .map(all => [...all].sort((a, b) => a.at - b.at)),
    )
}

const CLUSTERS = { minLength: 1, maxLength: 3 }

/** When: anywhere in the call, in its beginning more often than later. */
function moment(lengthMs: number): fc.Arbitrary<number> {
  return weighted([1, between(0, 1_200)], [4, between(0, lengthMs)])
}

/** The kinds that a scenario has to do with: each in or out by the toss of a coin that favours few. */
const swarm = weighted<readonly FaultKind[]>(
  [1, fc.subarray([...faultKinds], { minLength: 1, maxLength: 1 })],
  [3, fc.subarray([...faultKinds], { minLength: 2, maxLength: 4 })],
  [2, fc.subarray([...faultKinds], { minLength: 5, maxLength: 9 })],
  [1, fc.constant(faultKinds)],
)

/** Spreads neighbouring numbers over all 32 bits (the finalizer of MurmurHash3). */
function stir(seed: number): number {
  let h = seed | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
