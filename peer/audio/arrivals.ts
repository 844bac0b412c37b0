/**
 * How evenly packets arrive: statistics over the last of them, from which the playout delay follows. Time here is the
 * speaker's plan (`Pull`), not the moment of the call, so that a program that is late for a moment sees nothing odd.
 */
import { FRAME_MS } from './codec.js'

/** Packets looked at: 2.4 s. */
const WINDOW = 120
/** A packet that is later than the quickest by more than this met a stall, not jitter: no delay is built up for it, ms. */
const MAX_SPREAD_MS = 120
/** Of the packets, so many shall be in time by the window's measure; the margin on top catches most others. */
const QUANTILE = 0.98
const MIN_MARGIN_MS = 4
/** So many packets at one moment are the end of a stall; only the newest of them tells of the network. */
const BURST = 4
/** Fewer packets tell too little. */
const ENOUGH = 10

export class Arrivals {
  /** As they came. */
  readonly #transits: number[] = []
  /** The same by size; kept in order, since a packet changes only two of them. */
  readonly #sorted: number[] = []
  #last: number | null = null
  #lastMs = Number.NEGATIVE_INFINITY
  #together = 0
  #jitter = 0
  #needed: number | null | undefined

  /** Interarrival jitter, ms (RFC 3550, section 6.4.1). */
  get jitterMs(): number {
    return this.#jitter
  }

  /** The packet of moment `at` came at `nowMs`. */
  add(at: number, nowMs: number): void {
    const transit = nowMs - at * FRAME_MS
    if (this.#last !== null) this.#jitter += (Math.abs(transit - this.#last) - this.#jitter) / 16
    this.#last = transit
    this.#together = nowMs === this.#lastMs ? this.#together + 1 : 1
    this.#lastMs = nowMs
    if (this.#together === BURST) for (let n = 1; n < BURST; n++) this.#drop(this.#transits.pop())
    else if (this.#together > BURST) this.#drop(this.#transits.pop())
    this.#transits.push(transit)
    this.#sorted.splice(this.#placeOf(transit), 0, transit)
    if (this.#transits.length > WINDOW) this.#drop(this.#transits.shift())
    this.#needed = undefined
  }

  /** Forgets the past: another sender's clock. */
  clear(): void {
    this.#transits.length = 0
    this.#sorted.length = 0
    this.#last = null
    this.#needed = undefined
  }

  /**
   * The playout delay that fits: frame `at` should be played at `at * 20 + needed` ms. Null as long as too few packets
   * came to tell.
   */
  get neededMs(): number | null {
    if (this.#needed === undefined) this.#needed = this.#measure()
    return this.#needed
  }

  #measure(): number | null {
    const sorted = this.#sorted
    if (sorted.length < ENOUGH) return null
    let count = sorted.length
    while (sorted[count - 1]! > sorted[0]! + MAX_SPREAD_MS) count--
    const high = sorted[Math.floor(QUANTILE * (count - 1))]!
    const middle = sorted[Math.floor(0.5 * (count - 1))]!
    return high + Math.max(MIN_MARGIN_MS, (high - middle) / 2)
  }

  #drop(transit: number | undefined): void {
    if (transit !== undefined) this.#sorted.splice(this.#placeOf(transit), 1)
  }

  /** Where in `#sorted` the first stands that is not smaller. */
  #placeOf(transit: number): number {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sorted[middle]! < transit) low = middle + 1
      else high = middle
    }
    return low
  }
}
