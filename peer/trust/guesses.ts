/**
 * Guesses: who sits between two peers can test one password a key agreement, and in a call by code hope that the two codes agree. So
 * each try is counted before the other side can learn anything by it, and taken back once the other side has proved itself; who falls
 * silent instead was guessing. Nothing else takes it back: a good call in between does not make up for bad ones.
 */
import { canonicalId } from '../../protocol/id.js'

/**
 * `guess`: a password may be tested by the other side; right ones are settled at once. `attempt`: two codes may agree by chance,
 * 2^-30 each time; settled once a person has compared the code, or the key was known.
 */
export type GuessKind = 'guess' | 'attempt'

export type Permit =
  | {
      readonly allowed: true
      /** It was no guess: takes it back (an attempt: all of this pair, since nobody is in between now). Once. Throws a StateProblem. */
      settle(): void
    }
  /** `retryAt`: when it will be allowed again, epoch ms; null: never in this program. */
  | { readonly allowed: false; readonly retryAt: number | null }

export interface Guesses {
  /** Asked, and counted, right before something is sent or judged that the other side could learn from. Throws a StateProblem. */
  begin(kind: GuessKind, ownId: string, peerId: string): Permit
}

/** What one side tried. Ids are canonical. */
export interface Counted {
  readonly kind: GuessKind
  readonly own: string
  readonly peer: string
  /** Epoch ms. */
  readonly at: number
}

/** Each counts for so long, ms. */
export const COUNTED_MS = 3_600_000
/** So many are allowed at a time, for a pair of ids and in all. Wrong passwords are few in a person's life; unconfirmed codes are not. */
export const LIMITS: Readonly<Record<GuessKind, { readonly pair: number; readonly all: number }>> = {
  guess: { pair: 10, all: 30 },
  attempt: { pair: 100, all: 300 },
}

/** Applies a change to what is counted, under a lock where others have a part in it. */
export type ChangeCounted = (change: (counted: readonly Counted[]) => readonly Counted[]) => void

/** Counts by the limits above. At most as many are remembered as are allowed in all. `now`: epoch ms. */
export class CountedGuesses implements Guesses {
  constructor(
    private readonly change: ChangeCounted,
    private readonly now: () => number,
  ) {}

  begin(kind: GuessKind, ownId: string, peerId: string): Permit {
    const at = Math.round(this.now())
    const next: Counted = { kind, own: canonicalId(ownId), peer: canonicalId(peerId), at }
    let retryAt: number | null = null
    this.change(before => {
      const counted = stillCounted(before, at)
      retryAt = lockedUntil(counted, next)
      return retryAt === null ? [...counted, next] : counted
    })
    if (retryAt !== null) return { allowed: false, retryAt }
    let open = true
    const settle = () => {
      if (open) this.change(before => without(before, next))
      open = false
    }
    return { allowed: true, settle }
  }
}

/** Counted as long as the program runs. */
export function guessesInMemory(now: () => number): CountedGuesses {
  let counted: readonly Counted[] = []
  return new CountedGuesses(change => {
    counted = change(counted)
  }, now)
}

/** What of it counts at `now`. What seems to come from the future (the clock was set back) counts from now on, and not for ever. */
export function stillCounted(counted: readonly Counted[], now: number): Counted[] {
  return counted.filter(({ at }) => now - at < COUNTED_MS).map(each => ({ ...each, at: Math.min(each.at, now) }))
}

/** Until when one more like `next` is too many, epoch ms; null: it is not. */
export function lockedUntil(counted: readonly Counted[], next: Counted): number | null {
  const ofKind = counted.filter(({ kind }) => kind === next.kind)
  const ofPair = ofKind.filter(each => isSamePair(each, next))
  const { pair, all } = LIMITS[next.kind]
  const frees = [freeAt(ofPair, pair), freeAt(ofKind, all)].filter(at => at !== null)
  return frees.length === 0 ? null : Math.max(...frees)
}

/** When fewer than `limit` are left. */
function freeAt(counted: readonly Counted[], limit: number): number | null {
  const times = counted.map(({ at }) => at).sort((a, b) => a - b)
  const last = times[times.length - limit]
  return last === undefined ? null : last + COUNTED_MS
}

function without(counted: readonly Counted[], settled: Counted): readonly Counted[] {
  if (settled.kind === 'attempt')
    return counted.filter(each => each.kind !== settled.kind || !isSamePair(each, settled))
  const isIts = (each: Counted) => each.kind === settled.kind && isSamePair(each, settled)
  const exact = counted.findIndex(each => isIts(each) && each.at === settled.at)
  // Where the clock was set back it has another time now; one is as good as another.
  const index = exact >= 0 ? exact : counted.findLastIndex(isIts)
  return index < 0 ? counted : counted.toSpliced(index, 1)
}

function isSamePair(a: Counted, b: Counted): boolean {
  return a.own === b.own && a.peer === b.peer
}
