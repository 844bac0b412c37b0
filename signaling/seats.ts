import { canonicalId } from '../protocol/id.js'
import { Connection } from './connection.js'
import type { Seat } from './seat.js'

/** Where each id that is online sits. Those of other servers are here while their call is. */
export class Seats {
  /** By canonical id. */
  readonly #seats = new Map<string, Seat>()
  #changes = 0

  get size(): number {
    return this.#seats.size
  }

  /** Grows whenever someone sits down, or gets up. */
  get changes(): number {
    return this.#changes
  }

  all(): MapIterator<Seat> {
    return this.#seats.values()
  }

  /** Those at sockets of this server. */
  connections(): Connection[] {
    return [...this.#seats.values()].filter(seat => seat instanceof Connection)
  }

  of(canonical: string): Seat | undefined {
    return this.#seats.get(canonical)
  }

  /** Whether it is this one's turn to speak for its id. */
  holds(seat: Seat): boolean {
    return this.#seats.get(seat.canonical) === seat
  }

  /** Those of some ids as typed, of who is online. */
  ofAll(ids: readonly string[]): Seat[] {
    return ids.flatMap(id => this.#seats.get(canonicalId(id)) ?? [])
  }

  /** A seat takes its id's place. */
  place(seat: Seat): void {
    this.#changes++
    this.#seats.set(seat.canonical, seat)
  }

  vacate(canonical: string): void {
    this.#changes++
    this.#seats.delete(canonical)
  }
}
