import type { Clock } from '../protocol/clock.js'
import type { IceServers } from '../protocol/ice.js'
import type { Verify } from '../protocol/identity.js'
import type { Random } from '../protocol/random.js'
import type { Result } from '../protocol/result.js'
import type { Admission } from './admission.js'
import type { ClusterParts } from './cluster/cluster.js'
import type { NameStore } from './cluster/name-store.js'
import type { HubEvent } from './hub-event.js'
import type { Limits } from './limits.js'
import type { Names } from './names.js'
import type { Tally } from './tally.js'

/** What a hub is handed by its server, or by the simulated world. */
export interface HubOptions {
  /** With names that are saved, its `now` must be epoch ms. */
  readonly clock: Clock
  readonly random: Random
  /** Whether a login may name this origin (as `originOf` writes it): is it one of this server's? */
  readonly originAllowed: (origin: string) => boolean
  readonly names?: Names
  /** Resolves when the names as they are now are kept: a new one's owner hears that it is online after that. At once unless given. */
  readonly namesKept?: () => Promise<void>
  /** Who may come in; everybody unless given. */
  readonly admission?: Admission
  readonly limits?: Partial<Limits>
  readonly report?: (event: HubEvent) => void
  /** Counts what happens; one of its own unless given. */
  readonly tally?: Tally
  /** Checks a login when the turn of its address has come, so that many do not hold up the relay; at once unless given. */
  readonly inTurn?: (address: string, act: () => void) => void
  /** What checks the signatures of logins; plain TypeScript unless given. */
  readonly verify?: Verify
  /** What the server calls itself in its challenge. */
  readonly server?: string
  /**
   * What an id (in lower case) is offered for a direct route: asked after its login and, where TURN credentials are among
   * it, again at half of `turnCredentialMs`. Without it peers hear of none.
   */
  readonly ice?: (id: string) => IceServers
  /** Has an echo peer call this id, and gives the peer's own; `limitKey` is the address that asks. Without it there is none. */
  readonly echo?: (id: string, limitKey: string) => Result<string>
  /** Whether a key is that of the server's own echo, which no quota counts; none is unless given. */
  readonly isOwn?: (key: string) => boolean
  /** The other servers of its cluster, and what this one is called there (cluster/cluster.ts); unless given it is alone. */
  readonly cluster?: Omit<ClusterParts, 'clock' | 'names'> & { readonly names: NameStore }
}
