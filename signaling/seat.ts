import type { FromServer } from '../protocol/signaling.js'
import type { RelayDrop } from './connection.js'

/** Relay frames that went nowhere, by name. */
export type Drops = Partial<Record<RelayDrop, number>>

/** Where a session sits: at a socket of this server (connection.ts), or at one of another server of its cluster (cluster/remote-seat.ts). */
export interface Seat {
  /** Of its connection, for the log; null: it is at another server. */
  readonly number: number | null
  /** As typed at the login, and in lower case. */
  readonly id: string
  readonly canonical: string
  readonly key: string
  readonly session: string
  /** Whether voice goes to this side now, as far as this server can tell. */
  readonly hears: boolean
  tell(message: FromServer): void
  /** Tells a named error. `counted`: enough of these end the connection. */
  error(name: string, message: string, counted?: boolean): void
  /** Sends a frame that came from the other side of the call; its bytes now belong to this seat. `now`: ms, of the clock. */
  forward(message: Uint8Array, now: number): void
  /** A frame of this session went nowhere. */
  drop(why: RelayDrop): void
  takeDrops(): Drops
  /** The call is over, and the other end was told, or said so itself. */
  callEnded(): void
  /** A message came for a call, and there is none: whether it may have crossed with the news that the call is over. */
  crossed(): boolean
}
