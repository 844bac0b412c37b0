/** Small arbitraries that the grammar of calls is made of. */
import * as fc from 'fast-check'

/** A whole number, both ends included. */
export function between(low: number, high: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.round(low), max: Math.round(high) })
}

/** True with this probability. */
export function chance(probability: number): fc.Arbitrary<boolean> {
  return between(1, 1_000).map(n => n <= probability * 1_000)
}

/** One of these, by weight. */
export function weighted<T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })))
}

/** A share, in steps of a thousandth. */
export function share(low: number, high: number): fc.Arbitrary<number> {
  return between(low * 1_000, high * 1_000).map(n => n / 1_000)
}
