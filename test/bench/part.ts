import type { Lab } from '../lab/lab.js'

/** What each part of the bench gets. */
export interface Bench {
  readonly say: (line: string) => void
  /** Programs started in it end with the part, however that ends. */
  readonly lab: Lab
  /** Called when the part is over or broken off; the last one first. */
  readonly atEnd: (close: () => Promise<void> | void) => void
}

/** One part: measures, prints, asserts nothing. */
export type Part = (bench: Bench) => Promise<void>
