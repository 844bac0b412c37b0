import type { Clock } from '../protocol/clock.js'
import type { Cluster } from './cluster/cluster.js'
import type { HubEvent } from './hub-event.js'
import type { Limits } from './limits.js'
import type { Lobby } from './lobby.js'
import type { Seats } from './seats.js'
import type { Tally } from './tally.js'

/** What the parts of a hub share. */
export interface HubCore {
  readonly clock: Clock
  readonly limits: Limits
  readonly lobby: Lobby
  readonly seats: Seats
  readonly tally: Tally
  readonly report: (event: HubEvent) => void
  /** The other servers of its cluster; null: it is alone. Set by the hub when all its parts are there. */
  cluster: Cluster | null
}
