/** How a route is doing that nothing goes on: a probe now and then, which the other side answers on the same route. */
import type { ProbePacket } from '../../protocol/packet.js'

/** In ticks of 20 ms: each 5 s, for the first time soon. */
const EACH_TICKS = 250
const FIRST_TICKS = 25
/** While somebody waits for it, after 200 ms, and then ever more rarely, up to each second: on a narrow link probes take the voice's room. */
const SOON_TICKS = 10
const SOON_LATEST_TICKS = 50
/** Probes are told apart by 8 bits. */
const NUMBERS = 256
/** So late an answer still measures, ms: within it each number is used once at most. */
const WITHIN_MS = 10_000

export class IdleProbe {
  #ticks = EACH_TICKS - FIRST_TICKS
  #soon = SOON_TICKS
  #n = 0
  /** By number. */
  readonly #sentAt: (number | undefined)[] = []

  /** A tick, at `now` (ms, own clock), while nothing else goes on the route: the probe to send; null when there is none to send. */
  next(now: number, soon = false): ProbePacket | null {
    if (!soon) this.#soon = SOON_TICKS
    if (++this.#ticks < (soon ? this.#soon : EACH_TICKS)) return null
    if (soon) this.#soon = Math.min(SOON_LATEST_TICKS, 2 * this.#soon)
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
