import type { Attendance } from '../attendance.js'
import type { Calls } from '../calls.js'
import { Connection, type Request } from '../connection.js'
import type { HubCore } from '../hub-core.js'
import type { Lobby, LobbyEffect } from '../lobby.js'
import type { Relay } from '../relay.js'
import type { Requests } from '../requests.js'
import type { Seat } from '../seat.js'
import { Cluster, type ClusterParts } from './cluster.js'
import type { ClusterHub } from './cluster-hub.js'
import { RemoteSeat } from './remote-seat.js'

export interface TransfersParts {
  readonly attendance: Attendance
  readonly calls: Calls
  readonly relay: Relay
  readonly requests: Requests
}

/** Sessions that come from another server of the cluster, and those that go on at one: what the cluster may do with the hub. */
export class Transfers implements ClusterHub {
  readonly cluster: Cluster
  readonly #core: HubCore
  readonly #parts: TransfersParts

  constructor(core: HubCore, parts: TransfersParts, cluster: ClusterParts) {
    this.#core = core
    this.#parts = parts
    this.cluster = new Cluster(cluster, this)
  }

  get lobby(): Lobby {
    return this.#core.lobby
  }

  /** What a connection asks for that has come from another server, and has not sat down here. */
  askedBeforeArrival(connection: Connection, request: Request): void {
    if (request.type === 'call') this.#arrive(connection, request)
    else connection.error('notInCall', 'Name the other side first.', false)
  }

  seatOf(canonical: string): Seat | undefined {
    return this.#core.seats.of(canonical)
  }

  connections(): readonly Connection[] {
    return this.#core.seats.connections()
  }

  run(effects: readonly LobbyEffect[]): void {
    this.#parts.calls.run(effects)
  }

  request(seat: Seat, request: Request): void {
    this.#parts.requests.handle(seat, request)
  }

  relay(seat: Seat, message: Uint8Array): void {
    this.#parts.relay.carry(seat, message, this.#core.clock.now())
  }

  seat(seat: RemoteSeat): void {
    this.#core.seats.place(seat)
    this.lobby.online(seat.id)
  }

  exchange(connection: Connection, seat: RemoteSeat): void {
    this.#core.seats.place(seat)
    this.#parts.attendance.goesOn(connection)
  }

  dismiss(connection: Connection): void {
    this.#core.seats.vacate(connection.canonical)
    this.#parts.attendance.goesOn(connection)
    this.run(this.lobby.offline(connection.id))
  }

  unseat(seat: RemoteSeat): void {
    this.#core.seats.vacate(seat.canonical)
    this.run(this.lobby.offline(seat.id))
  }

  /** One that has come from another server names the other side: from now on it is here. */
  #arrive(connection: Connection, request: Extract<Request, { type: 'call' }>): void {
    const { attendance } = this.#parts
    const seat = this.seatOf(connection.canonical)
    if (seat instanceof RemoteSeat && seat.session === connection.session) {
      this.#core.seats.place(connection)
      this.cluster.owner.replaced(seat)
      attendance.hasSatDown(connection)
      this.request(connection, request)
      return
    }
    void this.cluster.mailboxes.take(connection, request).then(owner => {
      if (connection.isOver) return
      const present = this.seatOf(connection.canonical)
      if (present instanceof RemoteSeat) this.cluster.owner.release(present)
      else if (present instanceof Connection) present.close(4001, 'replaced')
      attendance.sitDown(connection)
      const callId = request.resume
      if (owner === null || callId === undefined) this.request(connection, request)
      else this.#goOnWith(connection, request.to, callId, owner)
    })
  }

  /** One that has come here goes on with a call that another server owns. */
  #goOnWith(connection: Connection, to: string, callId: string, owner: string): void {
    const { canonical } = connection
    this.cluster.gateway.attach(connection, owner, callId)
    const result = this.lobby.call(canonical, to, callId)
    // The other side may have come here as well; else the call goes on where it was.
    if (result.ok && this.lobby.callOf(canonical) !== null) {
      this.run(result.value)
      return
    }
    this.run(this.lobby.matchedElsewhere(canonical, callId))
    connection.tell({ type: 'matched', callId, peer: to, resumed: true })
  }
}
