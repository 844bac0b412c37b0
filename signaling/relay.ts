import { Connection } from './connection.js'
import type { HubCore } from './hub-core.js'
import type { Seat } from './seat.js'

/** Carries frames of voice to the other side of their call. */
export class Relay {
  readonly #core: HubCore

  constructor(core: HubCore) {
    this.#core = core
  }

  /** Calls whose voice went through here of late (a second or two). */
  get calls(): number {
    const { lobby, seats } = this.#core
    let calls = 0
    for (const seat of seats.all()) {
      const to = lobby.relayTo(seat.canonical)
      if (to !== null && seat.canonical < to && (seat.hears || seats.of(to)?.hears)) calls++
    }
    return calls
  }

  /** The hot path: one frame of voice. Whether it goes on. */
  carry(seat: Seat, message: Uint8Array, now: number): boolean {
    const other = this.otherOf(seat)
    if (other) {
      other.forward(message, now)
      return true
    }
    if (this.#core.cluster?.gateway.relay(seat, message)) return true
    if (!this.#core.seats.holds(seat)) seat.drop('afterCall')
    else if (this.#core.lobby.inCall(seat.canonical)) seat.drop('otherAway')
    else if (this.justEnded(seat)) seat.drop('afterCall')
    else seat.error('notInCall', 'You are in no call: nobody can hear you.')
    return false
  }

  /** The other side of its call, if it is here. Looked up again only when something has changed in the lobby, or someone sits elsewhere. */
  otherOf(seat: Seat): Seat | undefined {
    const { lobby, seats } = this.#core
    const as = lobby.changes + seats.changes
    const cached = seat instanceof Connection ? seat.route : null
    if (cached?.as === as) return cached.other
    const to = lobby.relayTo(seat.canonical)
    const other = to === null ? undefined : seats.of(to)
    if (seat instanceof Connection) seat.route = { as, other }
    return other
  }

  /** Whether its call is there or ended so lately that a message may have crossed with the news. */
  justEnded(seat: Seat): boolean {
    return this.#core.lobby.inCall(seat.canonical) || seat.crossed()
  }
}
