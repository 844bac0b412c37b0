/** What came of a simulated call. Plain data: it crosses threads. */
import type { FaultKind, Id } from './fault.js'

/** Something happened that must not. */
export interface Violation {
  readonly invariant: string
  /** Since both were started, ms. */
  readonly at: number
  /** A sentence for people. */
  readonly words: string
}

/** A time in which one who talked heard nothing of the other, made-up sound left aside. */
export interface Gap {
  readonly id: Id
  readonly at: number
  readonly ms: number
  /** Nothing was wrong at the time, or long before it: no fault, and a path that carries a call. */
  readonly inPeace: boolean
  /** The last fault before its end that may have to do with it; null: none has. */
  readonly after: FaultKind | null
}

export interface Outcome {
  readonly seed: number
  /** Both talked with each other, sometime. */
  readonly connected: boolean
  /** How the last program of each ended: an EndReason, `killed`, or `never came`. */
  readonly ends: Readonly<Record<Id, string>>
  /** From the start of the first program to the end of the last one. */
  readonly virtualMs: number
  /** How often the voice took another way, on both sides; losing all ways counts. */
  readonly routeChanges: number
  /** Keys that were replaced by the next epoch's, on all chains. */
  readonly keyRotations: number
  /** Faults that really were done, by kind. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  /** The longest of each side with nothing wrong, and the longest of all. */
  readonly gaps: readonly Gap[]
  readonly violations: readonly Violation[]
  /** SHA-256 of all that happened, hexadecimal. */
  readonly hash: string
  /** The timeline, where it was asked for. */
  readonly trace: readonly string[] | null
}
