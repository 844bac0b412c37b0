import type { Connection, Request } from '../connection.js'
import type { Lobby, LobbyEffect } from '../lobby.js'
import type { Seat } from '../seat.js'
import type { RemoteSeat } from './remote-seat.js'

/** What the cluster may do with the hub of its server. */
export interface ClusterHub {
  readonly lobby: Lobby
  /** Where an id (canonical) sits, if it is online here. */
  seatOf(canonical: string): Seat | undefined
  /** All who sit at sockets of this server. */
  connections(): readonly Connection[]
  run(effects: readonly LobbyEffect[]): void
  /** What the peer of a seat asked for. */
  request(seat: Seat, request: Request): void
  /** A frame from a seat. */
  relay(seat: Seat, message: Uint8Array): void
  /** Someone whose socket is at another server sits down. */
  seat(seat: RemoteSeat): void
  /** The session of a connection goes on at another server, and its call stays here: the seat takes its place. */
  exchange(connection: Connection, seat: RemoteSeat): void
  /** The session of a connection goes on at another server altogether. */
  dismiss(connection: Connection): void
  /** A remote seat is gone: its socket closed, or it has no call here any more. */
  unseat(seat: RemoteSeat): void
}
