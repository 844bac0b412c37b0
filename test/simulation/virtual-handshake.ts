/** The handshake of a simulated direct connection: two round trips, with DTLS's timers (RFC 6347, section 4.2.4.1). */
import type { Timer } from '../../protocol/clock.js'

/** 1 and 3 are the client's, 2 and 4 the server's. */
export type Flight = 1 | 2 | 3 | 4

/** A flight goes again after this, ms, then twice as long each time. */
const FIRST_MS = 1000

export interface HandshakeParts {
  readonly transmit: (flight: Flight) => void
  readonly after: (ms: number, run: () => void) => Timer
  readonly cancel: (timer: Timer) => void
  /** Once. */
  readonly done: () => void
}

export class VirtualHandshake {
  readonly #parts: HandshakeParts
  readonly #isClient: boolean
  #last: Flight | 0 = 0
  #timer: Timer = null
  #done = false

  constructor(isClient: boolean, parts: HandshakeParts) {
    this.#isClient = isClient
    this.#parts = parts
    if (isClient) this.#send(1)
  }

  hear(flight: Flight): void {
    if ((flight % 2 === 0) !== this.#isClient) return
    if (flight === 1 && this.#last <= 2) this.#send(2)
    if (flight === 2 && this.#last === 1) this.#send(3)
    // The last flight has no answer: it goes again when the one before it does.
    if (flight === 3 && this.#last >= 2) {
      this.#send(4)
      this.#finish()
    }
    if (flight === 4 && this.#last === 3) this.#finish()
  }

  #finish(): void {
    this.#parts.cancel(this.#timer)
    if (this.#done) return
    this.#done = true
    this.#parts.done()
  }

  #send(flight: Flight, nextMs = FIRST_MS): void {
    this.#parts.cancel(this.#timer)
    this.#last = flight
    this.#parts.transmit(flight)
    this.#timer = flight === 4 ? null : this.#parts.after(nextMs, () => this.#send(flight, 2 * nextMs))
  }
}
