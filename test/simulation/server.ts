/** The server in the simulated world: the real hub, in a process that can crash, restart, and be stopped. */
import type { Socket } from '../../protocol/socket.js'
import { drain } from '../../signaling/drain.js'
import { Hub, type HubEvent, Names, type ServerSocket } from '../../signaling/index.js'
import type { Host } from './host.js'
import type { MemoryBus, MemoryBuses, MemoryNames } from './memory-bus.js'
import type { Network } from './network.js'
import type { SeededRandom } from './seeded-random.js'
import type { Listener } from './virtual-websocket.js'

export const ORIGIN = 'ws://server.example:9001'

/** Peers of a server that restarts come back after 1 to 2 s, and try for a minute; sockets get 1.5 s to close (signaling/server.ts). */
const RECONNECT_MS = 1000
const RECONNECT_SPREAD_MS = 1000
const TRY_FOR_MS = 60_000
const CLOSING_MS = 1500

/** What the servers of a cluster share. */
export interface Shared {
  readonly buses: MemoryBuses
  readonly names: MemoryNames
}

export interface ServerParts {
  readonly network: Network
  readonly host: Host
  /** How it is dialled. */
  readonly url: string
  /** Absent: it is alone. */
  readonly cluster?: Shared
  readonly random: SeededRandom
  readonly report: (event: HubEvent) => void
  /** Sees, and may change, what the server sends to a machine. */
  readonly watch: (socket: Socket, to: Host) => void
}

export class Server implements Listener {
  readonly host: Host
  readonly #parts: ServerParts
  #hub: Hub | null = null
  #bus: MemoryBus | null = null
  #runs = 0
  #listening = false

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.host = parts.host
    this.start()
  }

  /** Null while there is none. */
  get hub(): Hub | null {
    return this.#hub
  }

  get url(): string {
    return this.#parts.url
  }

  /** Its way to the other servers; null while there is none. */
  get bus(): MemoryBus | null {
    return this.#bus
  }

  get listening(): boolean {
    return this.#listening
  }

  accept(socket: ServerSocket, from: Host): void {
    this.#parts.watch(socket, from)
    this.#hub?.connect(socket, String(from.address))
  }

  /** The machine ends with all that it knew; its sockets break, and nobody answers there. */
  crash(): void {
    this.#hub = null
    this.#bus?.leave()
    this.#bus = null
    this.#listening = false
    this.host.kill()
  }

  /** The process dies: the same, but its machine refuses who dials. */
  die(): void {
    this.crash()
    this.host.boot()
  }

  /** A new process, with no memory. */
  start(): void {
    if (this.#hub) this.crash()
    this.host.boot()
    this.#listening = true
    const { cluster, url } = this.#parts
    this.#bus = cluster?.buses.join() ?? null
    this.#hub = new Hub({
      clock: this.host.clock,
      random: this.#parts.random.bytes,
      originAllowed: origin => origin === url,
      names: new Names(1000),
      report: this.#parts.report,
      ...(cluster &&
        this.#bus && {
          cluster: { bus: this.#bus, id: `${this.host.number}-${++this.#runs}`, url, names: cluster.names },
        }),
    })
  }

  /** Asks all who are here to go on at other servers, and restarts when they have, at the latest after `withinMs`. */
  drain(withinMs: number): void {
    const hub = this.#hub
    if (!hub) return
    void drain(hub, this.host.clock, withinMs).then(() => this.#hub === hub && this.restart(CLOSING_MS))
  }

  /** A polite restart: tells every peer, closes within 1.5 s; a new process begins `afterMs` after the announcement. */
  restart(afterMs: number): void {
    const hub = this.#hub
    if (!hub) return
    const { random, network } = this.#parts
    this.#listening = false
    const reconnectInMs = () => RECONNECT_MS + Math.round(random.between(0, RECONNECT_SPREAD_MS))
    hub.close({ reconnectInMs, tryForMs: TRY_FOR_MS })
    this.host.clock.setTimeout(() => hub.terminate(), CLOSING_MS)
    network.clock.setTimeout(() => this.#hub === hub && this.start(), afterMs)
  }

  /** The process stands still. */
  stop(): void {
    this.host.stop()
  }

  go(): void {
    this.host.go()
  }
}
