import type { Change } from '../broken-build.js'

/** One thing that keeps an attack from succeeding, and how the code would look without it. */
export interface Defence {
  readonly attack: number
  /** What is taken away, for people. */
  readonly words: string
  readonly changes: readonly Change[]
}

type Place = readonly [file: string, from: string, to: string]

/** `places`: where it stands in the compiled code, and what is there without it. */
export function defence(attack: number, words: string, ...places: readonly Place[]): Defence {
  return { attack, words, changes: places.map(([file, from, to]) => ({ file, from, to })) }
}
