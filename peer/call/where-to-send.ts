import type { RouteKind } from './events.js'

/** Racing, relayed, and direct, trusted or not, as in route-region.ts; severed: whatever the route, nothing is heard on any. */
export type RouteState = 'racing' | 'relayed' | 'trusted' | 'doubtful' | 'severed'

export interface Sending {
  /** Routes that voice goes on, the same sealed bytes on each. */
  readonly voice: readonly RouteKind[]
  /** Routes that control goes on. */
  readonly control: readonly RouteKind[]
  /** Whether the other side is asked to send voice on both: the direct route is not trusted here, or not yet. */
  readonly doubt: boolean
}

/**
 * Where do I send now? Trusted direct alone; doubtful: both; none: the relay.
 * `peerDoubts`: the other side does not trust the direct route and asked for both. That it did is no doubt of ours, or two sides
 * would ask each other for ever.
 */
export function whereToSend(state: RouteState, peerDoubts: boolean, relayForbidden: boolean): Sending {
  const relay: readonly RouteKind[] = relayForbidden ? [] : ['relay']
  switch (state) {
    case 'racing':
      return { voice: [], control: ['relay'], doubt: true }
    case 'relayed':
      return { voice: relay, control: ['relay'], doubt: true }
    case 'trusted':
      return peerDoubts
        ? { voice: ['direct', ...relay], control: ['direct', 'relay'], doubt: false }
        : { voice: ['direct'], control: ['direct'], doubt: false }
    case 'doubtful':
    case 'severed':
      return { voice: ['direct', ...relay], control: ['direct', 'relay'], doubt: true }
  }
}
