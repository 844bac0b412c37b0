/** Proves that an opened direct connection carries frames both ways, in time: probes go out until enough were answered. */
import type { ProbePacket } from '../../protocol/packet.js'

/** Answers that prove a connection. */
const ANSWERS = 3
/** So many probes go out with a tick each, 20 ms apart; later ones every fifth tick: on a narrow way they would crowd out the voice. */
const DENSE = 15
const APART_TICKS = 5
/** Probes are told apart by 8 bits. */
const NUMBERS = 256

export class Prober {
  #generation: number | null = null
  #n = 0
  #ticks = 0
  readonly #answered = new Set<number>()
  /** By number, ms. */
  readonly #sentAt: number[] = []

  /** From now on generation `generation` is to be proved, and none before. */
  begin(generation: number): void {
    this.#generation = generation
    this.#n = 0
    this.#ticks = 0
    this.#answered.clear()
    this.#sentAt.length = 0
  }

  /** A tick, at `now` (ms, own clock): the probe to send on the direct route; null when there is none to send. */
  next(now: number): ProbePacket | null {
    if (this.#generation === null) return null
    if (this.#ticks++ >= DENSE && this.#ticks % APART_TICKS !== 0) return null
    const n = this.#n++ % NUMBERS
    this.#sentAt[n] = now
    return { kind: 'probe', generation: this.#generation, n, answer: false }
  }

  /**
   * An answer came over the direct route at `now`. One that took longer than `withinMs` counts for nothing: voice would come late as
   * well. True once: when this one is the last that was needed.
   */
  answered({ generation, n }: Pick<ProbePacket, 'generation' | 'n'>, now: number, withinMs: number): boolean {
    const sentAt = this.#sentAt[n]
    if (generation !== this.#generation || sentAt === undefined || now - sentAt > withinMs) return false
    this.#answered.add(n)
    if (this.#answered.size < ANSWERS) return false
    this.#generation = null
    return true
  }
}
