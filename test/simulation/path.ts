/** One direction of a network path: late, lossy, narrow, or down. What it is like may change while it runs. */
import type { Clock } from '../../protocol/clock.js'
import type { SeededRandom } from './seeded-random.js'

export interface PathQuality {
  /** One way, ms. Each packet is late by a further 0 to `jitterMs`; so datagrams overtake each other. */
  delayMs: number
  jitterMs: number
  /** Share of packets that are lost, each by its own luck. */
  loss: number
  /** Share of packets that begin a burst of losses, and how many packets a burst takes on average (1 or more). */
  burstShare: number
  burstLength: number
  /** Share of datagrams that arrive twice. */
  duplicates: number
  /** A bottleneck, kb/s; null: there is none. In front of it waits at most `queueMs` of traffic; more is dropped. */
  rateKbps: number | null
  queueMs: number
  /** Nothing passes, and nobody is told. */
  down: boolean
}

/** Whatever makes a burst of losses is over after this time without a packet, ms. */
const PAUSE_MS = 200

/** A path without a flaw and without delay. */
export const perfect: Readonly<PathQuality> = {
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  burstShare: 0,
  burstLength: 3,
  duplicates: 0,
  rateKbps: null,
  queueMs: 200,
  down: false,
}

/** A wait that is shorter is a matter of rounding, ms: a clock that should go on by less may stand still for ever. */
const SHORTEST_MS = 1e-6

export class Path {
  readonly quality: PathQuality
  /** Packets, in all; and bytes that were sent into it, whatever became of them. */
  readonly figures = { passed: 0, lost: 0, overflowed: 0, duplicated: 0, bytes: 0 }
  readonly #clock: Clock
  readonly #random: SeededRandom
  #inBurst = false
  /** When the last packet was, ms. */
  #sentAt = 0
  /** When the bottleneck will have sent all that waits in front of it, ms. */
  #freeAt = 0

  constructor(clock: Clock, random: SeededRandom, quality: Partial<PathQuality> = {}) {
    this.#clock = clock
    this.#random = random
    this.quality = { ...perfect, ...quality }
  }

  /** Sends a datagram of so many bytes; `deliver` is called when it arrives, if it does, and twice if it is doubled. */
  datagram(bytes: number, deliver: () => void): void {
    if (this.loses(bytes)) return
    this.figures.bytes += bytes
    if (this.roomInMs(bytes) > 0) {
      this.figures.overflowed++
      return
    }
    const queued = this.#enqueue(bytes)
    this.figures.passed++
    this.#clock.setTimeout(deliver, queued + this.#way())
    if (this.quality.duplicates > 0 && this.#random.chance(this.quality.duplicates)) {
      this.figures.duplicated++
      this.#clock.setTimeout(deliver, queued + this.#way())
    }
  }

  /** A segment of a stream, which neither is lost (ask `loses` before) nor overflows (`roomInMs`): ms until it arrives. */
  segment(bytes: number): number {
    this.figures.passed++
    this.figures.bytes += bytes
    return this.#enqueue(bytes) + this.#way()
  }

  /** What else is sent by the way, and only takes its room (reports of the layers below): so many bytes. */
  aside(bytes: number): void {
    this.figures.bytes += bytes
    if (this.roomInMs(bytes) === 0) this.#enqueue(bytes)
  }

  /** Whether the packet that is sent now, of so many bytes, is lost. */
  loses(bytes = 0): boolean {
    const lost = this.#isLost()
    if (lost) {
      this.figures.lost++
      this.figures.bytes += bytes
    }
    return lost
  }

  #isLost(): boolean {
    const { loss, burstShare, burstLength, down } = this.quality
    if (down) return true
    if (this.#inBurst && this.#clock.now() - this.#sentAt > PAUSE_MS) this.#inBurst = false
    if (this.#inBurst) this.#inBurst = this.#random.chance(1 - 1 / burstLength)
    else if (burstShare > 0) this.#inBurst = this.#random.chance(burstShare)
    this.#sentAt = this.#clock.now()
    return this.#inBurst || (loss > 0 && this.#random.chance(loss))
  }

  /** How long until the queue takes so many bytes more, ms; 0: now. An empty queue takes a packet of any size. */
  roomInMs(bytes: number): number {
    const { rateKbps, queueMs } = this.quality
    if (rateKbps === null) return 0
    const waiting = this.#freeAt - this.#clock.now()
    const room = Math.min(waiting, waiting + (8 * bytes) / rateKbps - queueMs)
    return room > SHORTEST_MS ? room : 0
  }

  /** How long queue and bottleneck take, ms. */
  #enqueue(bytes: number): number {
    const { rateKbps } = this.quality
    if (rateKbps === null) return 0
    const now = this.#clock.now()
    this.#freeAt = Math.max(now, this.#freeAt) + (8 * bytes) / rateKbps
    return this.#freeAt - now
  }

  #way(): number {
    const { delayMs, jitterMs } = this.quality
    return jitterMs > 0 ? delayMs + this.#random.between(0, jitterMs) : delayMs
  }
}
