/** One fault of a given kind at a given moment, as the grammar makes it. */
import * as fc from 'fast-check'
import { type Fault, type FaultKind, ids, natKinds } from './fault.js'
import { between, share, weighted } from './grammar-number.js'
import { bad } from './grammar-person.js'

const who = fc.constantFrom(...ids)

/** From the blink of an eye to longer than a call lives without its other side. */
const spans = weighted(
  [3, between(10, 400)],
  [4, between(400, 3_000)],
  [3, between(3_000, 12_000)],
  [1, between(12_000, 45_000)],
)

const worse = weighted(
  [3, bad()],
  [1, fc.record({ loss: share(0.05, 0.6) })],
  [1, fc.record({ burstShare: share(0.01, 0.1), burstLength: between(2, 30) })],
  [1, fc.record({ delayMs: between(200, 1_500), jitterMs: between(0, 400) })],
  [1, fc.record({ rateKbps: between(16, 120), queueMs: between(20, 2_000) })],
  [1, fc.record({ duplicates: share(0.05, 0.9) })],
)

/** What each kind has beside its moment. */
const rest: { readonly [K in FaultKind]: fc.Arbitrary<Omit<Extract<Fault, { kind: K }>, 'at' | 'kind'>> } = {
  cut: fc.record({ who }),
  strand: fc.record({ who }),
  move: fc.record({ who }),
  partition: fc.record({ between: fc.constantFrom('ABC-server', 'XYZ-server', 'ABC-XYZ', 'all'), forMs: spans }),
  worse: fc.record({ who, way: fc.constantFrom('up', 'down', 'both'), quality: worse, forMs: spans }),
  crash: fc.record({ forMs: spans }),
  restart: fc.record({ forMs: spans }),
  stop: fc.record({ who, forMs: spans }),
  sleep: fc.record({ who, forMs: spans }),
  nat: fc.record({ who, nat: fc.constantFrom(...natKinds) }),
  directDies: fc.record({ way: fc.constantFrom('ABC-XYZ', 'XYZ-ABC', 'both'), forMs: spans }),
  directWorse: fc.record({ way: fc.constantFrom('ABC-XYZ', 'XYZ-ABC', 'both'), quality: worse, forMs: spans }),
  mute: fc.record({ who }),
  unmute: fc.record({ who }),
  confirm: fc.record({ who }),
  again: fc.record({ who, killed: fc.boolean(), afterMs: between(0, 4_000) }),
  bothAgain: fc.record({ afterMs: between(0, 4_000) }),
  second: fc.record({ who, own: fc.boolean(), forMs: between(500, 8_000) }),
  tamper: fc.record({
    who,
    how: fc.constantFrom('flip', 'replay', 'drop', 'noise'),
    every: weighted([1, fc.constant(1)], [3, between(2, 20)]),
    forMs: spans,
  }),
}

/** One whose time, as a rule, is over before the call. */
export function faultOf(kind: FaultKind, at: number, lengthMs: number): fc.Arbitrary<Fault> {
  const most = Math.max(100, lengthMs)
  return (rest[kind] as fc.Arbitrary<object>).map(fields => {
    const { forMs } = fields as { forMs?: number }
    const shorter = forMs === undefined ? {} : { forMs: Math.min(forMs, most) }
    return { at, kind, ...fields, ...shorter } as Fault
  })
}
