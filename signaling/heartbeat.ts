import type { Clock, Timer } from '../protocol/clock.js'
import type { Limits } from './limits.js'

export interface HeartbeatParts {
  readonly clock: Clock
  readonly limits: Pick<Limits, 'pingMs' | 'pingMisses' | 'elsewhereMs' | 'afterCallMs'>
  /** Absent: the socket can't. Then whoever says nothing counts as alive. */
  readonly ping?: () => void
  /** Another `pingMs` has passed, and the other end is there. */
  readonly beat: () => void
  /** Nothing has come for too long. */
  readonly lost: () => void
}

/** Signs of life of a connection's other end; and what it knows by them, for a pong comes after all that was sent before its ping. */
export class Heartbeat {
  readonly #parts: HeartbeatParts
  #timer: Timer | null = null
  #heard = true
  #misses = 0
  #probes: ((alive: boolean) => void)[] = []
  /** Pings and pongs so far; and the ping behind the news that the last call is over. */
  #pings = 0
  #pongs = 0
  #pingOfEnd = Number.POSITIVE_INFINITY
  /** Since when the other end knows of that; infinity: it may not have heard of it yet. */
  #knowsOfEndSince = Number.NEGATIVE_INFINITY

  constructor(parts: HeartbeatParts) {
    this.#parts = parts
  }

  /** Probes that were not answered yet. */
  get probes(): number {
    return this.#probes.length
  }

  /** From here on the other end has to show signs of life. */
  start(): void {
    const { clock, limits, ping, beat, lost } = this.#parts
    this.#misses = this.#heard ? 0 : this.#misses + 1
    if (this.#misses >= limits.pingMisses) {
      lost()
      return
    }
    this.#timer = clock.setTimeout(() => this.start(), limits.pingMs)
    if (ping) {
      this.#heard = false
      this.#ping()
    }
    beat()
  }

  /** The connection is over. */
  stop(): void {
    const { clock } = this.#parts
    if (this.#timer !== null) clock.clearTimeout(this.#timer)
    // Not now: who asked might let someone in while this one is being replaced.
    for (const probe of this.#probes) clock.setTimeout(() => probe(false), 0)
  }

  /** Something came from the other end. */
  heard(): void {
    this.#heard = true
  }

  pong(): void {
    this.#heard = true
    if (++this.#pongs >= this.#pingOfEnd) {
      this.#pingOfEnd = Number.POSITIVE_INFINITY
      this.#knowsOfEndSince = this.#parts.clock.now()
    }
    for (const probe of [...this.#probes]) probe(true)
  }

  /** Pings, and says whether a pong came in time. What else comes may be what a dead program left on its way. */
  probe(done: (alive: boolean) => void): void {
    const { clock, limits } = this.#parts
    const timer = clock.setTimeout(() => finish(false), limits.elsewhereMs)
    const finish = (alive: boolean) => {
      if (!this.#probes.includes(finish)) return
      clock.clearTimeout(timer)
      this.#probes = this.#probes.filter(probe => probe !== finish)
      done(alive)
    }
    this.#probes.push(finish)
    this.#ping()
  }

  /** The other end was told just now that its call is over, or said so itself. */
  callEnded(): void {
    this.#knowsOfEndSince = this.#parts.ping ? Number.POSITIVE_INFINITY : this.#parts.clock.now()
    this.#pingOfEnd = this.#pings + 1
    this.#ping()
  }

  /** A message came for a call, and there is none. Whether it may have crossed with the news that the call is over. */
  crossed(): boolean {
    const { clock, limits } = this.#parts
    return clock.now() - this.#knowsOfEndSince < limits.afterCallMs
  }

  #ping(): void {
    this.#pings++
    this.#parts.ping?.()
  }
}
