/** Everything that the instruments can tell about one way of a call. */
import { align } from './align.js'
import { type Delay, measureDelay } from './delay.js'
import { findGaps, type Gap } from './gap.js'
import { firstSound, type Sound } from './sound.js'
import { intelligibility } from './stoi.js'

export interface Hearing {
  readonly delay: Delay
  /** Of the speech that could have been heard, after alignment; NaN when nothing matches. */
  readonly stoi: number
  readonly estoi: number
  /** Offsets count from `from`. */
  readonly gaps: readonly Gap[]
  /** When the judged part began to be said, epoch ms; NaN when nothing matches. */
  readonly from: number
  /** Length of the judged part, ms. */
  readonly ms: number
  /** When the first sound was heard, epoch ms. */
  readonly firstSoundAt: number | undefined
}

/**
 * Judges `heard` against `said`; see measureDelay for what the two must be. All that was said while `heard` ran counts, so a recording that
 * began before the call is cut first (`between`).
 */
export function judge(said: Sound, heard: Sound, maxDelayMs?: number): Hearing {
  const delay = measureDelay(said, heard, maxDelayMs)
  const firstSoundAt = firstSound(heard)
  const aligned = align(said, heard, delay)
  if (!aligned) return { delay, stoi: Number.NaN, estoi: Number.NaN, gaps: [], from: Number.NaN, ms: 0, firstSoundAt }
  const { stoi, estoi } = intelligibility(aligned.said, aligned.heard, aligned.rate)
  const gaps = findGaps(aligned.said, aligned.heard, aligned.rate)
  const ms = (aligned.said.length * 1000) / aligned.rate
  return { delay, stoi, estoi, gaps, from: aligned.startedAt, ms, firstSoundAt }
}
