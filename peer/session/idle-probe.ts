/** How a route is doing that nothing goes on: a probe now and then, which the other side answers on the same route. */
import type { ProbePacket } from '../../protocol/packet.js'

/** In ticks of 20 ms: each 5 s. */
const EACH_TICKS = 250
/** Probes are told apart by 8 bits. */
const NUMBERS = 256

export class IdleProbe {
  #ticks = 0
  #n = 0
  #sentAt: number | null = null

  /** A tick, at `now` (ms, own clock), while nothing else goes on the route: the probe to send; null when there is none to send. */
  next(now: number): ProbePacket | null {
    if (++this.#ticks % EACH_TICKS !== 0) return null
    this.#n = (this.#n + 1) % NUMBERS
    this.#sentAt = now
    return { kind: 'probe', generation: 0, n: this.#n, answer: false }
  }

  /** An answer came on the route at `now`: the round trip, ms; null when it answers no probe of ours, or one that was answered already. */
  answered({ generation, n }: Pick<ProbePacket, 'generation' | 'n'>, now: number): number | null {
    const sentAt = this.#sentAt
    if (generation !== 0 || n !== this.#n || sentAt === null) return null
    this.#sentAt = null
    return now - sentAt
  }
}
