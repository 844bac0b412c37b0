import { toBase64url } from '../../protocol/bytes.js'
import type { Identity } from '../../protocol/identity.js'

import { Hub } from '../../signaling/hub.js'
import type { HubEvent } from '../../signaling/hub-event.js'
import type { HubOptions } from '../../signaling/hub-options.js'
import { type MemoryBus, MemoryBuses, MemoryNames } from '../simulation/memory-bus.js'
import { VirtualClock } from '../virtual-clock.js'
import { FakeClient, newIdentity, newSession, ORIGIN, testRandom } from './fake-client.js'

/** A server of a fake cluster. */
export interface FakeServer {
  readonly name: string
  readonly hub: Hub
  readonly bus: MemoryBus
  readonly events: HubEvent[]
}

/** A program: the same one at whatever server it comes to. */
export interface Program {
  readonly id: string
  readonly identity: Identity
  readonly session: string
}

export function program(id: string): Program {
  return { id, identity: newIdentity(), session: newSession() }
}

/** Several hubs on one virtual clock and one bus. */
export function cluster(serverNames: readonly string[], options: Partial<HubOptions> = {}) {
  const clock = new VirtualClock(1_000_000_000_000)
  const buses = new MemoryBuses(clock)
  const names = new MemoryNames()
  const servers: Record<string, FakeServer> = {}
  for (const [n, name] of serverNames.entries()) {
    const bus = buses.join()
    const events: HubEvent[] = []
    const hub = new Hub({
      clock,
      random: testRandom(5 + n),
      originAllowed: origin => origin === ORIGIN,
      report: event => events.push(event),
      cluster: { bus, id: name, url: `ws://${name}.test:9001`, names },
      ...options,
    })
    servers[name] = { name, hub, bus, events }
  }
  const run = async (ms: number) => {
    const end = clock.now() + ms
    for (; clock.now() < end; clock.advance(0.5)) for (let n = 0; n < 10; n++) await null
    for (let n = 0; n < 10; n++) await null
  }
  const at = async (server: string, who: Program) => {
    const client = new FakeClient(servers[server]!.hub, clock).login(who)
    await run(5)
    return client
  }
  return { clock, buses, names, servers, run, at }
}

export function keyOf({ identity }: Program): string {
  return toBase64url(identity.publicKey)
}
