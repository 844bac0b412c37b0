/**
 * How evenly frames arrive: statistics over the last of them, from which the playout delay follows. Time here is the
 * speaker's plan (`Pull`), not the moment of the call, so that a program that is late for a moment sees nothing odd.
 *
 * Delay and late frames both cost: the delay is chosen for which the sum is least. Up to a small share, late frames
 * cost nothing (concealment hides them); what is above costs so many ms of delay a percent. So humps of frames that
 * come one or two packets later, as repeated blocks, are waited for when they are worth it, and rare spikes never are.
 */
import { FRAME_MS } from './codec.js'

/** Frames looked at: 4.8 s. */
const WINDOW = 240
/** A frame that is later than the quickest by more than this met a stall, not jitter: no delay is built up for it, ms. */
const MAX_SPREAD_MS = 120
/**
 * `costMs`: one percent of late frames is as bad as so much delay; `free`: the share, in percent, that costs nothing. What happens again
 * within the window, as losses that later packets or TCP make good, is the network's way. What happened once was a stall of a machine.
 */
const AGAIN = { costMs: 30, free: 0.6 }
const ONCE = { costMs: 20, free: 1 }
/** It is late by so much over the quickest, ms; and again after so many frames. */
const LATE_MS = 18
const APART = 40
/** On top of what is measured, ms: the two clocks drift, and nobody is that exact. */
const MARGIN_MS = 4
/** Fewer frames tell too little. */
const ENOUGH = 10
/**
 * Shares are taken of so many frames at least: a single stall at the start of a call is no habit. (Each 20 ms of delay save one frame of a
 * stall; that must be worth less than 20 ms.)
 */
const LEAST_FRAMES = 160
/** When so many in a row were slower than the delay, the network has become slower, whatever was before. */
const LATEST = 8

export class Arrivals {
  /** The last of them, as they came, round and round. */
  readonly #transits = new Float64Array(WINDOW)
  /** The same by size; kept in order, since a frame changes only two of them. */
  readonly #sorted = new Float64Array(WINDOW)
  #count = 0
  /** The counts at the last two frames that were late and far enough from each other. */
  #lateAt = Number.NEGATIVE_INFINITY
  #lateBefore = Number.NEGATIVE_INFINITY
  #last: number | null = null
  #jitter = 0
  #needed: number | null | undefined

  /** Interarrival jitter of packets, ms (RFC 3550, section 6.4.1). */
  get jitterMs(): number {
    return this.#jitter
  }

  /** The frame of moment `at` came first at `nowMs`; `repeated`: later than its own packet would have. */
  add(at: number, nowMs: number, repeated = false): void {
    const transit = nowMs - at * FRAME_MS
    if (!repeated) {
      if (this.#last !== null) this.#jitter += (Math.abs(transit - this.#last) - this.#jitter) / 16
      this.#last = transit
    }
    const slot = this.#count % WINDOW
    if (this.#count >= WINDOW) this.#drop(this.#transits[slot]!)
    this.#transits[slot] = transit
    const [place, filled] = [this.#placeOf(transit), Math.min(this.#count, WINDOW - 1)]
    this.#sorted.copyWithin(place + 1, place, filled)
    this.#sorted[place] = transit
    this.#count++
    if (transit - this.#sorted[0]! >= LATE_MS && this.#count - this.#lateAt >= APART) {
      this.#lateBefore = this.#lateAt
      this.#lateAt = this.#count
    }
    this.#needed = undefined
  }

  /** Forgets the past: another sender's clock. */
  clear(): void {
    this.#count = 0
    this.#lateAt = Number.NEGATIVE_INFINITY
    this.#lateBefore = Number.NEGATIVE_INFINITY
    this.#last = null
    this.#needed = undefined
  }

  /**
   * The playout delay that fits: frame `at` should be played at `at * 20 + needed` ms. Null as long as too few frames
   * came to tell.
   */
  get neededMs(): number | null {
    if (this.#needed === undefined) this.#needed = this.#measure()
    return this.#needed
  }

  #measure(): number | null {
    const [sorted, count] = [this.#sorted, Math.min(this.#count, WINDOW)]
    if (count < ENOUGH) return null
    const percent = 100 / Math.max(count, LEAST_FRAMES)
    const { costMs, free } = this.#count - this.#lateBefore < WINDOW ? AGAIN : ONCE
    const most = sorted[0]! + MAX_SPREAD_MS
    let best = sorted[0]!
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < count && sorted[i]! <= most; i++) {
      const late = (count - 1 - i) * percent
      const cost = sorted[i]! + costMs * Math.max(0, late - free)
      if (cost >= least) continue
      best = sorted[i]!
      least = cost
    }
    return Math.max(best, this.#quickestOfLate()) + MARGIN_MS
  }

  #quickestOfLate(): number {
    let quickest = Number.POSITIVE_INFINITY
    for (let i = Math.max(0, this.#count - LATEST); i < this.#count; i++)
      quickest = Math.min(quickest, this.#transits[i % WINDOW]!)
    return quickest
  }

  /** Takes one out of `#sorted`, which is full. */
  #drop(transit: number): void {
    const place = this.#placeOf(transit, WINDOW)
    this.#sorted.copyWithin(place, place + 1)
  }

  /** Where among the first `filled` of `#sorted` the first stands that is not smaller. */
  #placeOf(transit: number, filled = Math.min(this.#count, WINDOW - 1)): number {
    let [low, high] = [0, filled]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sorted[middle]! < transit) low = middle + 1
      else high = middle
    }
    return low
  }
}
