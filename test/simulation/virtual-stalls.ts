/**
 * SCTP under a data channel: after a burst of loss its retransmission timer and congestion window hold back, now and then, what is
 * sent next (measured: in about half of the calls of 20 s with 10 % of loss in bursts of 3).
 */
import type { Timer } from '../../protocol/clock.js'
import type { SeededRandom } from './seeded-random.js'

/** So many messages missing in a row are a burst; that share of them leads to a stall. */
const BURST = 3
const SHARE = 0.05
/** How long, ms. */
const LEAST_MS = 300
const MOST_MS = 1100
/** Messages held back at most. */
const MAX_HELD = 64

export interface StallParts {
  readonly enabled: boolean
  readonly random: SeededRandom
  readonly after: (ms: number, run: () => void) => Timer
  readonly transmit: (number: number, bytes: Uint8Array) => void
}

export class Stalls {
  readonly #parts: StallParts
  #held: { readonly number: number; readonly bytes: Uint8Array }[] | null = null
  #newest = -1

  constructor(parts: StallParts) {
    this.#parts = parts
  }

  send(number: number, bytes: Uint8Array): void {
    if (this.#held === null) this.#parts.transmit(number, bytes)
    else if (this.#held.length < MAX_HELD) this.#held.push({ number, bytes })
  }

  /** Message `number` of the other side came: whether to tell it of a burst of loss that makes it stall. */
  missing(number: number): boolean {
    const burst = number > this.#newest + BURST
    if (number > this.#newest) this.#newest = number
    return burst && this.#parts.enabled && this.#parts.random.chance(SHARE)
  }

  /** The other side misses a burst. */
  stall(): void {
    if (this.#held !== null) return
    this.#held = []
    this.#parts.after(this.#parts.random.between(LEAST_MS, MOST_MS), () => {
      const held = this.#held ?? []
      this.#held = null
      for (const { number, bytes } of held) this.#parts.transmit(number, bytes)
    })
  }
}
