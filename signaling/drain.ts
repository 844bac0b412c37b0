import type { Clock } from '../protocol/clock.js'
import type { Hub } from './hub.js'

const LOOK_MS = 100

/**
 * Before a server ends: new calls wait until it is back, those who are here are asked to go on at another server of the cluster; alone, it
 * waits for the calls whose voice it relays to end. Resolves when nobody depends on it any more, or after `forMs`.
 */
export async function drain(hub: Hub, clock: Clock, forMs: number): Promise<void> {
  const moves = hub.drain()
  const end = clock.now() + forMs
  const isDone = () => (moves ? hub.isEmpty : hub.callsByRoute.relay === 0)
  while (!isDone() && clock.now() < end)
    await new Promise<void>(resolve => clock.setTimeout(resolve, Math.min(LOOK_MS, Math.max(1, end - clock.now()))))
}
