/** The two people of a call and their machines, as the grammar makes them. */
import * as fc from 'fast-check'
import { natKinds, type Quality } from './fault.js'
import { between, chance, share, weighted } from './grammar-number.js'
import type { PersonSetting, Scenario } from './scenario.js'

/** Both. One starts at once; the other mostly soon after, rarely much later. */
export function people(short: boolean): fc.Arbitrary<Scenario['people']> {
  const later = weighted(
    [3, fc.constant(0)],
    [3, between(0, 300)],
    [3, between(300, 3_000)],
    [1, between(3_000, short ? 6_000 : 30_000)],
  )
  return fc
    .record({ ABC: person, XYZ: person, startMs: later, first: fc.boolean() })
    .map(({ ABC, XYZ, startMs, first }) => ({
      ABC: { ...ABC, startMs: first ? 0 : startMs },
      XYZ: { ...XYZ, startMs: first ? startMs : 0 },
    }))
}

/** What an access line or a radio link is like. */
export const access = weighted<Quality>(
  [4, fc.record({ delayMs: between(1, 30) })],
  [4, fc.record({ delayMs: between(5, 40), jitterMs: between(0, 10), loss: share(0, 0.005) })],
  [
    2,
    fc.record({
      delayMs: between(30, 150),
      jitterMs: between(0, 60),
      loss: share(0, 0.03),
      duplicates: share(0, 0.01),
    }),
  ],
  [1, bad()],
)

/** A path that hardly carries a call. */
export function bad(): fc.Arbitrary<Quality> {
  return fc.record(
    {
      delayMs: between(50, 300),
      jitterMs: between(0, 100),
      loss: share(0, 0.1),
      burstShare: share(0, 0.03),
      burstLength: between(2, 8),
      duplicates: share(0, 0.05),
      rateKbps: between(96, 300),
      queueMs: between(50, 500),
    },
    { requiredKeys: ['delayMs'] },
  )
}

const person: fc.Arbitrary<PersonSetting> = fc.record({
  route: weighted<PersonSetting['route']>(
    [8, fc.constant('auto')],
    [1, fc.constant('relay')],
    [1, fc.constant('direct')],
  ),
  nat: weighted<PersonSetting['nat']>(
    [3, fc.constant(natKinds[0])],
    [5, fc.constant(natKinds[1])],
    [2, fc.constant(natKinds[2])],
    [1, fc.constant(natKinds[3])],
  ),
  access,
  driftPpm: weighted([1, fc.constant(0)], [3, between(-200, 200)]),
  engine: chance(0.9),
  startMs: fc.constant(0),
})
