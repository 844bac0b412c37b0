/**
 * Time scaling: sound made shorter or longer by a whole pitch period, so that voice keeps its pitch (WSOLA: W. Verhelst,
 * M. Roelands, ICASSP 1993). The sound begins and ends as it did, so that it still fits to what is around it.
 */
import { FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import { isLouder } from './level.js'

/** Periods looked for, samples: 2.5 ms (400 Hz) to 15 ms (67 Hz). */
export const MIN_PERIOD = 2.5 * SAMPLES_PER_MS
export const MAX_PERIOD = 15 * SAMPLES_PER_MS
/** What is compared, and faded over, is at least so long: 5 ms. */
const MIN_OVERLAP = 5 * SAMPLES_PER_MS
/** A first look is taken at every sixth sample: at 8 kHz. */
const COARSE = 6
/** Less alike than this at any period, sound has no pitch. */
const PITCHED = 0.5
/** Parts of sound without pitch may differ in energy by so much (6 dB): more is the start or the end of something. */
const STEADY = 4
/** Quieter than this is a pause, where nobody hears what is missing, dBFS; at most so much of a frame is cut. */
const PAUSE_DB = -55
const MAX_PAUSE_CUT = 10 * SAMPLES_PER_MS

/** One for each player: works in memory of its own, and results are good until the next call. */
export class TimeScale {
  readonly #coarse = new Float64Array(FRAME_SAMPLES / COARSE)
  readonly #out = new Int16Array(FRAME_SAMPLES + MAX_PERIOD)
  #likeness = 0

  /**
   * A frame without one period of at most `most` samples. `least` is how alike (1: the same) two periods must be. The
   * frame itself when nothing fits. A pause is cut by `most`, at most 10 ms.
   */
  squeeze(frame: Int16Array, most: number, least: number): Int16Array {
    const pause = !isLouder(frame, PAUSE_DB)
    const period = pause ? Math.min(most, MAX_PAUSE_CUT) : this.#period(frame, most, least)
    if (period === 0) return frame
    const overlap = overlapOf(frame, period)
    const out = this.#out.subarray(0, frame.length - period)
    fadeOver(out, 0, frame, 0, frame, period, overlap, pause ? 1 : this.#likeness)
    out.set(frame.subarray(period + overlap), overlap)
    return out
  }

  /** A frame with one period of at most `most` samples twice; the frame itself when nothing fits. */
  stretch(frame: Int16Array, most: number, least: number): Int16Array {
    const pause = !isLouder(frame, PAUSE_DB)
    const period = pause ? Math.min(most, MAX_PAUSE_CUT) : this.#period(frame, most, least)
    if (period === 0) return frame
    const overlap = overlapOf(frame, period)
    const out = this.#out.subarray(0, frame.length + period)
    out.set(frame.subarray(0, period))
    fadeOver(out, period, frame, period, frame, 0, overlap, pause ? 1 : this.#likeness)
    out.set(frame.subarray(overlap), period + overlap)
    return out
  }

  /** The period of at most `most` samples by which a frame can be moved; 0 when there is none. Notes how alike it is. */
  #period(frame: Int16Array, most: number, least: number): number {
    if (most < MIN_PERIOD || frame.length < MAX_PERIOD + MIN_OVERLAP) return 0
    this.#look(frame)
    const [any, allowed] = [MAX_PERIOD / COARSE, Math.floor(Math.min(most, MAX_PERIOD) / COARSE)]
    let [best, bestLikeness, anyLikeness] = [0, -1, -1]
    const size = Math.floor(frame.length / COARSE)
    for (let lag = MIN_PERIOD / COARSE; lag <= any; lag++) {
      const alike = likeness(this.#coarse, lag, Math.floor(overlapOf(frame, lag * COARSE) / COARSE), size)
      if (alike > anyLikeness) anyLikeness = alike
      if (lag <= allowed && alike > bestLikeness) [best, bestLikeness] = [lag, alike]
    }
    if (best === 0) return 0
    const noise = anyLikeness < PITCHED && isSteady(frame, best * COARSE)
    if (!noise && bestLikeness < least) return 0
    return this.#refine(frame, best * COARSE, most)
  }

  #refine(frame: Int16Array, around: number, most: number): number {
    let best = around
    this.#likeness = -1
    const to = Math.min(around + COARSE - 1, most, MAX_PERIOD)
    for (let lag = Math.max(MIN_PERIOD, around - COARSE + 1); lag <= to; lag++) {
      const alike = likeness(frame, lag, overlapOf(frame, lag), frame.length)
      if (alike > this.#likeness) [best, this.#likeness] = [lag, alike]
    }
    return best
  }

  #look(frame: Int16Array): void {
    for (let i = 0; i < this.#coarse.length; i++) {
      let sum = 0
      for (let at = i * COARSE; at < (i + 1) * COARSE; at++) sum += frame[at]!
      this.#coarse[i] = sum
    }
  }
}

/** One period is faded into the next over its whole length, or over what the frame has left. */
function overlapOf(frame: Int16Array, period: number): number {
  return Math.min(Math.max(period, MIN_OVERLAP), frame.length - period)
}

/** Normalised correlation of the first `length` samples with those `lag` later. Silence is like anything. */
function likeness(sound: Int16Array | Float64Array, lag: number, length: number, size: number): number {
  let cross = 0
  let first = 0
  let second = 0
  const end = Math.min(length, size - lag)
  for (let i = 0; i < end; i++) {
    // Not as a pair: pairs are made and taken apart here 10,000 times a frame.
    const a = sound[i]!
    const b = sound[i + lag]!
    cross += a * b
    first += a * a
    second += b * b
  }
  return first === 0 && second === 0 ? 1 : cross / Math.sqrt(Math.max(1, first) * Math.max(1, second))
}

function isSteady(frame: Int16Array, period: number): boolean {
  let first = 1
  let second = 1
  for (let i = 0; i < frame.length - period; i++) {
    first += frame[i]! * frame[i]!
    second += frame[i + period]! * frame[i + period]!
  }
  return first < STEADY * second && second < STEADY * first
}

/** From one place to another, of equal loudness all along: what is less alike would be quieter half-way. */
function fadeOver(
  out: Int16Array,
  at: number,
  from: Int16Array,
  fromAt: number,
  to: Int16Array,
  toAt: number,
  length: number,
  alike: number,
): void {
  const common = Math.max(0, Math.min(1, alike))
  for (let i = 0; i < length; i++) {
    const up = (i + 1) / (length + 1)
    const down = 1 - up
    const size = Math.sqrt(up * up + down * down + 2 * common * up * down)
    const sample = (down * from[fromAt + i]! + up * to[toAt + i]!) / size
    out[at + i] = Math.max(-32768, Math.min(32767, Math.round(sample)))
  }
}
