import type { Clock } from '../protocol/clock.js'
import type { IceServers } from '../protocol/ice.js'
import type { Closing, Connection, Login, Request } from './connection.js'
import type { Limits } from './limits.js'
import type { Tally } from './tally.js'

/** The hub, as a connection sees it. */
export interface ConnectionOwner {
  readonly clock: Clock
  readonly limits: Limits
  readonly tally: Tally
  readonly server: string
  /** What an admitted peer is offered for a direct route; null: nothing. */
  ice(connection: Connection): IceServers | null
  login(connection: Connection, login: Login): void
  request(connection: Connection, request: Request): void
  /** A relay frame, whole, that came just `now`; its bytes may be overwritten. True: it goes on to the other side. */
  relay(connection: Connection, message: Uint8Array, now: number): boolean
  /** The connection is over: called once, before the socket has finished closing. `why`: a Closing, or `gone` when the other end closed. */
  over(connection: Connection, why: Closing | 'gone'): void
  /** The socket is closed: called once, after `over`. */
  released(connection: Connection): void
}
