import type { RouteKind } from './events.js'

/** What the route region is in; severed, racing, relayed and direct as in route-region.ts. */
export type RouteState = 'racing' | 'relayed' | 'trusted' | 'doubtful' | 'severed'

export interface Sending {
  /** Routes that voice goes on, the same sealed bytes on each. */
  readonly voice: readonly RouteKind[]
  /** Routes that control goes on. */
  readonly control: readonly RouteKind[]
}

/**
 * Where do I send now? Trusted direct alone; doubtful: both; none: the relay.
 * `peerDoubts`: the other side doubts the direct route and asked for both.
 */
export function whereToSend(state: RouteState, peerDoubts: boolean, relayForbidden: boolean): Sending {
  const relay: readonly RouteKind[] = relayForbidden ? [] : ['relay']
  switch (state) {
    case 'racing':
      return { voice: [], control: ['relay'] }
    case 'relayed':
      return { voice: relay, control: ['relay'] }
    case 'trusted':
      return peerDoubts
        ? { voice: ['direct', ...relay], control: ['direct', 'relay'] }
        : { voice: ['direct'], control: ['direct'] }
    case 'doubtful':
    case 'severed':
      return { voice: ['direct', ...relay], control: ['direct', 'relay'] }
  }
}
