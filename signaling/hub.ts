/**
 * The server's core: connections, logins, the lobby, the relay. Sockets, clock and randomness are handed in, so it runs
 * in the simulated world unchanged.
 */
import type { Random } from '../protocol/random.js'
import type { Cluster } from './cluster/cluster.js'
import { Connection } from './connection.js'
import type { ConnectionOwner } from './connection-owner.js'
import { Counts } from './counts.js'
import type { HubOptions } from './hub-options.js'
import { type HubParts, hubParts } from './hub-parts.js'
import type { Meter } from './meter.js'
import type { ServerSocket } from './server-socket.js'

export class Hub {
  readonly #random: Random
  readonly #parts: HubParts
  readonly #owner: ConnectionOwner
  readonly #connections = new Set<Connection>()
  readonly #perAddress = new Counts()
  #closed = false
  #connected = 0

  constructor(options: HubOptions) {
    this.#random = options.random
    this.#parts = hubParts(options)
    this.#owner = this.#ownerOf(options)
  }

  /** Peers online. */
  get peers(): number {
    return this.#parts.lobby.peers - (this.#parts.cluster?.figures.remote ?? 0)
  }

  /** The other servers of the cluster; null: this one is alone. */
  get cluster(): Pick<Cluster, 'figures'> | null {
    return this.#parts.cluster
  }

  /** Ids that were let in, and that could not be claimed in the cluster yet. */
  get unclaimedNames(): number {
    return this.#parts.cluster?.names.pending ?? 0
  }

  /** Calls whose two sides are both here. */
  get calls(): number {
    return this.#parts.lobby.calls
  }

  /** The same, by the way of their voice: `relay` if it went through here of late (a second or two); `other`: directly, or not yet at all. */
  get callsByRoute(): { readonly relay: number; readonly other: number } {
    const relay = this.#parts.relay.calls
    return { relay, other: this.calls - relay }
  }

  /** How many ids or addresses have used more than 80 % of each quota. */
  get quotasNearlyUsedUp(): Meter['nearlyUsedUp'] {
    return this.#parts.meter.nearlyUsedUp
  }

  /** Sockets that are not closed yet. */
  get sockets(): number {
    return this.#connections.size
  }

  /** How much waits or is remembered, by what it is: of queues that each connection has, the longest. All of it is bounded. */
  get backlog(): Readonly<Record<string, number>> {
    const { lobby, seats } = this.#parts
    const each = [...this.#connections].map(({ backlog }) => backlog)
    return {
      sockets: this.#connections.size,
      addresses: this.#perAddress.size,
      online: seats.size,
      sessions: lobby.peers,
      named: lobby.mostNamed,
      effects: this.#parts.calls.waiting,
      names: this.#parts.names.size,
      rendezvous: this.#parts.logins.rendezvous,
      quotas: this.#parts.meter.size,
      relayQueue: Math.max(0, ...each.map(({ relayQueue }) => relayQueue)),
      probes: Math.max(0, ...each.map(({ probes }) => probes)),
    }
  }

  /** Takes a new socket, in the turn of the event loop in which it opened. `limitKey`: its address as limits count it. */
  connect(socket: ServerSocket, limitKey: string): void {
    const sockets = this.#perAddress.of(limitKey)
    this.#perAddress.add(limitKey)
    const challenge = this.#random(32)
    const connection = new Connection(socket, ++this.#connected, limitKey, challenge, this.#owner)
    this.#connections.add(connection)
    if (this.#closed) connection.close(1001, 'closing')
    else if (this.#connections.size > this.#parts.limits.sockets)
      connection.refuse('tooMany', 'This server is full. Try again later.')
    else if (sockets >= this.#parts.limits.socketsPerAddress)
      connection.refuse('tooMany', 'Too many connections from your address. Close some, or try again later.')
  }

  /** Nobody is here, not even on the way out, and no call of another server's. */
  get isEmpty(): boolean {
    return this.#parts.seats.size === 0 && this.#parts.attendance.leaving === 0
  }

  /** It is to end soon: no new calls, and nobody should come here. */
  announceDrain(): void {
    this.#parts.requests.draining = true
    this.#parts.cluster?.presence.announceDrain()
  }

  /** The same now. True: who is here was asked to go on at another server of the cluster. */
  drain(): boolean {
    this.announceDrain()
    return this.#parts.cluster?.moveAll() ?? false
  }

  /** Closes every connection; `restarting` tells each when to come back, ms, and for how long to try. */
  close(restarting?: { readonly reconnectInMs: () => number; readonly tryForMs: number }): void {
    this.#closed = true
    this.#parts.calls.silence()
    this.#parts.cluster?.close()
    this.#parts.meter.close()
    for (const connection of [...this.#connections]) {
      if (connection.isOver) continue
      if (restarting)
        connection.tell({
          type: 'restarting',
          reconnectInMs: restarting.reconnectInMs(),
          tryForMs: restarting.tryForMs,
        })
      connection.close(restarting ? 1012 : 1001, restarting ? 'restarting' : 'closing')
    }
  }

  /** Cuts every socket that has not finished closing. */
  terminate(): void {
    for (const connection of this.#connections) connection.cut()
  }

  /** Who may come in has changed: whoever is online and may not be any more has to go. */
  admissionChanged(): void {
    for (const connection of this.#parts.seats.connections())
      if (!this.#parts.logins.allows(connection.id, connection.key))
        connection.refuse('notAllowed', 'You may not use this server any more. Ask the person who runs it.')
  }

  #ownerOf({ inTurn = (_, act) => act(), ice, server = 'voicechat-server' }: HubOptions): ConnectionOwner {
    const { clock, limits, tally, seats, relay, attendance, requests, registrar, transfers } = this.#parts
    return {
      clock,
      limits,
      tally,
      server,
      ice: ({ canonical }) => ice?.(canonical) ?? null,
      login: (connection, login) => inTurn(connection.limitKey, () => registrar.login(connection, login)),
      request: (connection, request) => {
        if (transfers && !seats.holds(connection)) transfers.askedBeforeArrival(connection, request)
        else requests.handle(connection, request)
      },
      relay: (connection, message, now) => relay.carry(connection, message, now),
      over: (connection, why) => attendance.over(connection, why),
      released: connection => {
        this.#connections.delete(connection)
        this.#perAddress.remove(connection.limitKey)
      },
    }
  }
}
