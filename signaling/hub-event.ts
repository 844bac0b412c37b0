import type { Refusal } from '../protocol/signaling.js'
import type { Closing } from './connection.js'
import type { Pair } from './lobby.js'
import type { Drops } from './seat.js'
import type { CallEnd } from './tally.js'

/**
 * What happened, for the log: no address, no key, no call id and no payload. `connection` is a connection's number; `connections` are those of
 * a call's sides that are here, and `drops` of a call are by them.
 */
export type HubEvent =
  | { readonly event: 'online'; readonly connection: number; readonly id: string }
  | OfflineEvent
  | { readonly event: 'refused'; readonly connection: number; readonly id?: string; readonly why: Refusal }
  | { readonly event: 'closed'; readonly connection: number; readonly why: Closing }
  | {
      readonly event: 'connected'
      readonly connections: readonly number[]
      readonly ids: Pair
      readonly resumed: boolean
    }
  | EndedEvent

interface OfflineEvent {
  readonly event: 'offline'
  readonly connection: number
  readonly id: string
  readonly why: Closing | 'gone'
  readonly drops: Drops
}

interface EndedEvent {
  readonly event: 'ended'
  readonly connections: readonly number[]
  readonly ids: Pair
  readonly why: CallEnd
  readonly drops: Readonly<Record<number, Drops>>
}
