/** What must hold in every simulated call. Each is an object; more are added by adding them to the list. */
import type { HubEvent } from '../../signaling/index.js'
import { authentic } from './invariants-authentic.js'
import { bounded } from './invariants-bounded.js'
import { connects } from './invariants-connects.js'
import { agreedEnd, allEnd, ownReason } from './invariants-end.js'
import { gap } from './invariants-gap.js'
import { goodbye } from './invariants-goodbye.js'
import { heardOnce } from './invariants-heard.js'
import { keysKept } from './invariants-keys.js'
import { quietAfterEnd, serverForgets } from './invariants-left.js'
import { muted } from './invariants-muted.js'
import { nonces } from './invariants-nonces.js'
import { ordered } from './invariants-ordered.js'
import { pinned } from './invariants-pinned.js'
import { noPlaintext } from './invariants-plaintext.js'
import { polite } from './invariants-polite.js'
import { directAlone, goesDirect } from './invariants-routes.js'
import type { Program } from './play-program.js'
import type { Troubles } from './play-trouble.js'
import type { Scenario } from './scenario.js'
import type { Seen, World } from './world.js'

/** A call, as invariants see it. Times: ms since both were started. */
export interface Call {
  readonly scenario: Scenario
  readonly world: World
  /** All that were ever started, in order. */
  readonly programs: readonly Program[]
  readonly troubles: Troubles
  /** Once it is begun: when, and whether both talked well then, with no fault from then on. */
  readonly ending: { readonly at: number; readonly calm: boolean } | null
  readonly now: () => number
}

export interface Watch {
  /** Something leaves a peer or the server. */
  wire?(seen: Seen): void
  hub?(event: HubEvent): void
  started?(program: Program): void
  /** A program has ended, or was killed. */
  ended?(program: Program): void
  /** Now and then, and right before each fault and the ending: how does it stand? */
  look?(): void
  /** After everything: all programs are over, and so is what they left behind. */
  check?(): void
}

export interface Invariant {
  readonly name: string
  /** Called before the call begins. `broken` takes a sentence, at any time; only the first of a call counts. */
  watch(call: Call, broken: (words: string) => void): Watch
}

export const invariants: readonly Invariant[] = [
  noPlaintext,
  nonces,
  authentic,
  heardOnce,
  connects,
  ownReason,
  agreedEnd,
  allEnd,
  quietAfterEnd,
  serverForgets,
  bounded,
  gap,
  directAlone,
  goesDirect,
  goodbye,
  keysKept,
  muted,
  ordered,
  polite,
  pinned,
]
