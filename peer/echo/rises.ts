/**
 * When a level rose: what two meters that see the same sound at different times have in common, whatever their loudness. All
 * rises count about the same, so that one great one, such as the beginning, does not decide alone.
 */

/** One bin, ms. */
export const BIN_MS = 20
/** Below is silence; more than this at once is no more than a rise, dB. */
const FLOOR_DB = -60
const MOST_DB = 6
/** Two looks at one rise may differ by a bin or two. */
const BLUR = [1, 2, 3, 2, 1] as const

export class Rises {
  readonly #levels: number[] = []
  #from: number | null = null

  /** The level at `now` (ms), dBFS; what lies between two looks is as it was at the first. */
  note(now: number, db: number): void {
    this.#from ??= now
    const bin = Math.floor((now - this.#from) / BIN_MS)
    const before = this.#levels.at(-1) ?? db
    while (this.#levels.length < bin) this.#levels.push(before)
    this.#levels[bin] = Math.max(FLOOR_DB, db)
  }

  /** A number for each bin, 0 where nothing rose. */
  get each(): Float64Array {
    const levels = this.#levels
    const sharp = levels.map((db, i) => Math.min(MOST_DB, Math.max(0, db - (levels[i - 1] ?? db))))
    return Float64Array.from(sharp, (_, i) =>
      BLUR.reduce((sum, weight, k) => sum + weight * (sharp[i + k - 2] ?? 0), 0),
    )
  }
}

/** Below, what they have in common may be chance. */
const ENOUGH = 0.4

/**
 * How much later `later` rose like `first`, bins, from `least` to `most`; null: not at all. Of a steady beat it is mostly the
 * first place where it fits, since there they have the most in common; one beat is like the other.
 */
export function lagOf(first: Float64Array, later: Float64Array, least: number, most: number): number | null {
  const scale = Math.sqrt(common(first, first, 0) * common(later, later, 0))
  let best = ENOUGH * scale
  let lag: number | null = null
  for (let at = least; at <= most; at++) {
    const fit = common(first, later, at)
    if (fit <= best) continue
    best = fit
    lag = at
  }
  return lag
}

function common(first: Float64Array, later: Float64Array, lag: number): number {
  let sum = 0
  for (let i = 0; i + lag < later.length; i++) sum += first[i]! * later[i + lag]!
  return sum
}
