import { Hub } from '../../signaling/hub.js'
import type { HubEvent } from '../../signaling/hub-event.js'
import type { HubOptions } from '../../signaling/hub-options.js'
import { VirtualClock } from '../virtual-clock.js'
import { FakeClient, ORIGIN, testRandom } from './fake-client.js'

/** A hub on a virtual clock, what it reports, and clients. */
export function world(options: Partial<HubOptions> = {}) {
  const clock = new VirtualClock(1_000_000_000_000)
  const events: HubEvent[] = []
  const hub = new Hub({
    clock,
    random: testRandom(5),
    originAllowed: origin => origin === ORIGIN,
    report: event => events.push(event),
    ...options,
  })
  const client = (address?: string) => new FakeClient(hub, clock, address)
  const online = (id: string, address?: string) => client(address).login({ id })
  /** Two in a call. */
  const call = (one = 'a', two = 'b') => {
    const a = online(one).say({ type: 'call', to: two })
    const b = online(two).say({ type: 'call', to: one })
    return { a, b, callId: a.last('matched')!.callId }
  }
  return { clock, events, hub, client, online, call }
}
