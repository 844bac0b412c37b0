/** The server in the simulated world: the real hub, in a process that can crash, restart, and be stopped. */
import type { Socket } from '../../protocol/socket.js'
import { Hub, type HubEvent, Names, type ServerSocket } from '../../signaling/index.js'
import type { Host } from './host.js'
import type { Network } from './network.js'
import type { SeededRandom } from './seeded-random.js'
import type { Listener } from './virtual-websocket.js'

export const ORIGIN = 'ws://server.example:9001'

/** Peers of a server that restarts come back after 1 to 2 s, and try for a minute; sockets get 1.5 s to close (signaling/server.ts). */
const RECONNECT_MS = 1000
const RECONNECT_SPREAD_MS = 1000
const TRY_FOR_MS = 60_000
const CLOSING_MS = 1500

export interface ServerParts {
  readonly network: Network
  readonly random: SeededRandom
  readonly report: (event: HubEvent) => void
  /** Sees, and may change, what the server sends to a machine. */
  readonly watch: (socket: Socket, to: Host) => void
}

export class Server implements Listener {
  readonly host: Host
  readonly #parts: ServerParts
  #hub: Hub | null = null
  #listening = false

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.host = parts.network.server
    this.start()
  }

  /** Null while there is none. */
  get hub(): Hub | null {
    return this.#hub
  }

  get listening(): boolean {
    return this.#listening
  }

  accept(socket: ServerSocket, from: Host): void {
    this.#parts.watch(socket, from)
    this.#hub?.connect(socket, String(from.address))
  }

  /** The process dies with all it knew; its sockets break. */
  crash(): void {
    this.#hub = null
    this.#listening = false
    this.host.kill()
  }

  /** A new process, with no memory. */
  start(): void {
    if (this.#hub) this.crash()
    this.host.boot()
    this.#listening = true
    this.#hub = new Hub({
      clock: this.host.clock,
      random: this.#parts.random.bytes,
      originAllowed: origin => origin === ORIGIN,
      names: new Names(1000),
      report: this.#parts.report,
    })
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
