/** How well the other side is heard, a figure a second. */
import { FRAME_MS } from '../audio/codec.js'
import type { CallStats } from './stats.js'

/**
 * Robustness to loss of a codec with concealment, percent: at so much damage quality is halved. The Bpl of ITU-T G.107,
 * whose tables (G.113) give 4 for plain samples up to 25 with good concealment.
 */
const BPL = 10
/** Seconds that are remembered. */
export const HISTORY = 60

/**
 * Quality of sound of which `damaged` percent had to be made up: 100 * Bpl / (damaged + Bpl), the course of G.107's
 * effective impairment, with Bpl = 10. 0 % is 100, 1 % is 91, 5 % is 67, 10 % is 50, all of it is 9.
 */
export function qualityOf(damaged: number): number {
  return (100 * BPL) / (damaged + BPL)
}

/** The percentage that had to be made up, of a quality: the inverse. */
export function damageOf(quality: number): number {
  return Math.min(100, (100 * BPL) / Math.max(quality, 1) - BPL)
}

/** A word for a quality: up to 2.5 % damaged is good, up to 10 % fair. */
export function qualityWord(quality: number): 'good' | 'fair' | 'poor' {
  if (quality >= 80) return 'good'
  return quality >= 50 ? 'fair' : 'poor'
}

export class QualityMeter {
  /** Of the last minute, oldest first; null: nothing to judge by, the other side is muted. */
  readonly history: (number | null)[] = []
  /** Seconds that are forgotten. */
  forgotten = 0
  #before: Pick<CallStats, 'framesLost' | 'framesConcealed'> | null = null
  #at = 0

  /** Takes the figures of each second at `now` (ms); gives its quality, null for the first. Silent: nothing comes, which is 0. */
  take(stats: CallStats, { silent, peerMuted }: { silent: boolean; peerMuted: boolean }, now: number): number | null {
    const before = this.#before
    const frames = Math.max(1, (now - this.#at) / FRAME_MS)
    this.#before = stats
    this.#at = now
    if (before === null) return null
    const lost = stats.framesLost - before.framesLost
    const concealed = stats.framesConcealed - before.framesConcealed
    const damaged = (100 * Math.max(0, lost, concealed)) / frames
    const quality = silent ? 0 : peerMuted ? null : qualityOf(Math.min(100, damaged))
    this.history.push(quality)
    if (this.history.length > HISTORY) {
      this.history.shift()
      this.forgotten++
    }
    return quality
  }
}

/** Of the last seconds, all that could be judged; null if none could. */
export function average(history: readonly (number | null)[], seconds: number): number | null {
  const judged = history.slice(-seconds).filter(quality => quality !== null)
  return judged.length === 0 ? null : judged.reduce((sum, quality) => sum + quality, 0) / judged.length
}
