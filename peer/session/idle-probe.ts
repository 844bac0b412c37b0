/** How a route is doing that nothing goes on: a probe now and then, which the other side answers on the same route. */
import type { ProbePacket } from '../../protocol/packet.js'

/** In ticks of 20 ms: each 5 s, for the first time soon; and each 200 ms while somebody waits for it. */
const EACH_TICKS = 250
const FIRST_TICKS = 25
const SOON_TICKS = 10
/** Probes are told apart by 8 bits. */
const NUMBERS = 256
/** So late an answer still measures, ms: within it each number is used once at most. */
const WITHIN_MS = 10_000

export class IdleProbe {
  #ticks = EACH_TICKS - FIRST_TICKS
  #n = 0
  /** By number. */
  readonly #sentAt: (number | undefined)[] = []

  /** A tick, at `now` (ms, own clock), while nothing else goes on the route: the probe to send; null when there is none to send. */
  next(now: number, soon = false): ProbePacket | null {
    if (++this.#ticks < (soon ? SOON_TICKS : EACH_TICKS)) return null
    this.#ticks = 0
    this.#n = (this.#n + 1) % NUMBERS
    this.#sentAt[this.#n] = now
    return { kind: 'probe', generation: 0, n: this.#n, answer: false }
  }

  /** An answer came on the route at `now`: the round trip, ms; null when it answers no probe of ours, or one that was answered already. */
  answered({ generation, n }: Pick<ProbePacket, 'generation' | 'n'>, now: number): number | null {
    const sentAt = this.#sentAt[n]
    if (generation !== 0 || sentAt === undefined || now - sentAt > WITHIN_MS) return null
    this.#sentAt[n] = undefined
    return now - sentAt
  }
}
