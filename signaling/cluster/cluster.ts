/**
 * This server's part of a cluster: who is where, whose call is whose, and what passes between servers. Two who named each other at two
 * servers are matched at one of them, the owner of their call. The other's socket is asked to move there; until it has, or if it can't,
 * its messages and its voice travel over the bus. A side that moves keeps its old socket until it names the other at the new one, and no
 * frame is lost.
 *
 * Nothing of a running call whose sockets are both here depends on the bus.
 */
import type { Clock, Timer } from '../../protocol/clock.js'
import { canonicalId } from '../../protocol/id.js'
import { MAX_SERVERS } from '../../protocol/signaling.js'
import type { Connection } from '../connection.js'
import type { Bus, BusAnswer } from './bus.js'
import { parseBusMessage } from './bus-message.js'
import { parseBusVoice } from './bus-voice.js'
import type { ClusterHub } from './cluster-hub.js'
import type { ClusterNames } from './cluster-names.js'
import { Gateway } from './gateway.js'
import { Mailboxes } from './mailboxes.js'
import { Owner } from './owner.js'
import { Post } from './post.js'
import { RemoteSeat } from './remote-seat.js'
import { encodeCard, PRESENCE_MS, ServerList } from './server-list.js'
import { PRESENCE, serverMailbox, voiceOf } from './subjects.js'

export interface ClusterParts {
  readonly bus: Bus
  readonly clock: Clock
  readonly names: ClusterNames
  /** Letters, digits, `-`, `_`; each run of a server has its own. */
  readonly id: string
  /** How peers dial this very server; null: only by a name that it shares with others. Then none is asked to move here. */
  readonly url: string | null
}

export interface ClusterFigures {
  /** Sessions whose call is owned here and whose socket is elsewhere, and the other way round. */
  readonly remote: number
  readonly attached: number
  /** Other servers. */
  readonly servers: number
  /** 1: the bus is up. */
  readonly up: 0 | 1
}

/** How often those are asked whether they live whom a call depends on, ms; and how many answers may be missing. */
const ALIVE_MS = 250
const ALIVE_MISSES = 3
/** Wishes are told again so often, ms: one may have been lost, or a network been split. */
const AGAIN_MS = 15_000
/** Peers are asked to leave a draining server one after the other, so many ms apart, and all within so long: each has to log in elsewhere. */
const LEAVE_MS = 20
const LEAVE_WITHIN_MS = 10_000

export class Cluster {
  readonly names: ClusterNames
  readonly gateway: Gateway
  readonly owner: Owner
  readonly mailboxes: Mailboxes
  readonly #parts: ClusterParts
  readonly #hub: ClusterHub
  readonly #post: Post
  readonly #servers: ServerList
  readonly #misses = new Map<string, number>()
  readonly #unsubscribe: readonly (() => void)[]
  readonly #timers = new Set<Timer>()
  #draining = false

  constructor(parts: ClusterParts, hub: ClusterHub) {
    const { bus, id } = parts
    this.#parts = parts
    this.#hub = hub
    this.names = parts.names
    this.#post = new Post(bus, id)
    this.gateway = new Gateway(this.#post, hub)
    this.owner = new Owner(this.#post, hub)
    this.mailboxes = new Mailboxes(this.#post, hub, this.gateway, this.owner)
    this.#servers = new ServerList(id)
    this.#unsubscribe = [
      bus.subscribe(serverMailbox(id), (bytes, answer) => this.#onMail(bytes, answer)),
      bus.subscribe(voiceOf(id), bytes => this.#onVoice(bytes)),
      bus.subscribe(PRESENCE, bytes => this.#onPresence(bytes)),
    ]
    bus.onChange = isUp => {
      if (!isUp) return
      this.#sayPresence()
      this.#tellAgain()
    }
    this.#every(PRESENCE_MS, () => this.#sayPresence())
    this.#every(ALIVE_MS, () => this.#askAlive())
    this.#every(AGAIN_MS, () => this.#tellAgain())
    this.#sayPresence()
  }

  get figures(): ClusterFigures {
    return {
      remote: this.owner.size,
      attached: this.gateway.size,
      servers: this.#servers.present(this.#parts.clock.now()).length,
      up: this.#parts.bus.isUp ? 1 : 0,
    }
  }

  /** Ends its timers and subscriptions, and tells the others that nobody should come here. */
  close(): void {
    this.announceDrain()
    for (const timer of this.#timers) this.#parts.clock.clearTimeout(timer)
    this.#timers.clear()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.mailboxes.closeAll()
  }

  /** Asks all who are here to go on at other servers, once that is announced. False: there is none. */
  moveAll(): boolean {
    const { clock } = this.#parts
    if (!this.#servers.refuge([], clock.now())) return false
    const connections = this.#hub.connections()
    const apart = Math.min(LEAVE_MS, LEAVE_WITHIN_MS / connections.length)
    for (const [n, connection] of connections.entries())
      this.#after(n * apart, () => {
        const wanted = this.#hub.lobby.wantedBy(connection.canonical)
        const ids = wanted ? [connection.canonical, wanted.to] : [connection.canonical]
        const url = this.#servers.refuge(ids, clock.now())?.url
        if (url && !connection.isOver) connection.tell({ type: 'move', url })
      })
    return true
  }

  /** A session has sat down at a socket of this server. */
  arrived(connection: Connection): void {
    this.mailboxes.open(connection)
    const urls = this.#others()
    if (urls.length > 0) connection.tell({ type: 'servers', urls })
  }

  /** It has left, or goes on elsewhere. */
  left(connection: Connection): void {
    this.mailboxes.close(connection.canonical)
    this.gateway.detach(connection)
  }

  /** Two are in a call here. */
  joined(callId: string, ids: readonly [string, string]): void {
    for (const typed of ids) {
      const seat = this.#hub.seatOf(canonicalId(typed))
      if (seat instanceof RemoteSeat) {
        seat.attached(callId)
        // After the news that they are matched: who knows of no call yet would go and begin another one.
        this.#after(0, () => this.#sendFor(seat))
      } else if (seat) this.gateway.detach(seat)
    }
  }

  /** Nobody should come here any more. */
  announceDrain(): void {
    if (this.#draining) return
    this.#draining = true
    this.#sayPresence()
  }

  /** Asks a session whose call is owned here to come here. */
  #sendFor(seat: RemoteSeat): void {
    const { url } = this.#parts
    if (url !== null && !this.#draining && this.owner.has(seat)) seat.tell({ type: 'move', url })
  }

  #onMail(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const message = parseBusMessage(bytes)
    switch (message?.t) {
      case 'alive':
        answer(bytes)
        return
      case 'wants':
        if (this.#hub.lobby.wantedBy(message.to)?.to === canonicalId(message.id)) this.owner.seat(message)
        return
      case 'attached':
      case 'tell':
      case 'released':
      case 'replaced':
        this.gateway.onMail(message)
        return
      case 'ask':
      case 'gone':
      case 'moved':
        this.owner.onMail(message)
    }
  }

  #onVoice(bytes: Uint8Array): void {
    const voice = parseBusVoice(bytes)
    const seat = voice && this.#hub.seatOf(voice.id)
    if (!seat) return
    // A seat that has just moved may have frames on their old way: they are as good as any.
    if (voice.towards === 'owner') this.#hub.relay(seat, voice.frame)
    else if (!(seat instanceof RemoteSeat)) seat.forward(voice.frame, this.#parts.clock.now())
  }

  #sayPresence(): void {
    const { bus, id, url } = this.#parts
    bus.publish(PRESENCE, encodeCard({ id, url, draining: this.#draining }))
  }

  #onPresence(bytes: Uint8Array): void {
    if (!this.#servers.hear(bytes, this.#parts.clock.now())) return
    // One that was not there does not know of this one yet, and may have those whom some here wait for.
    this.#sayPresence()
    this.mailboxes.introduceAll()
    const urls = this.#others()
    for (const connection of this.#hub.connections()) connection.tell({ type: 'servers', urls })
  }

  #others(): string[] {
    return this.#servers
      .present(this.#parts.clock.now())
      .flatMap(({ url, draining }) => (url === null || draining ? [] : [url]))
      .slice(0, MAX_SERVERS)
  }

  #tellAgain(): void {
    this.mailboxes.introduceAll()
    void this.names.claimPending()
  }

  /** Those whom calls depend on must be there: a server that ends cleanly says so, one that is killed does not. */
  #askAlive(): void {
    const asked = new Set([...this.gateway.owners, ...this.owner.gateways])
    for (const server of this.#misses.keys()) if (!asked.has(server)) this.#misses.delete(server)
    for (const server of asked)
      void this.#post.askServer(server, { t: 'alive' }, ALIVE_MS).then(answer => this.#heardAlive(server, answer))
  }

  #heardAlive(server: string, answer: BusAnswer): void {
    // Without the bus nothing is known of the others.
    if (typeof answer !== 'string' || !this.#parts.bus.isUp) {
      this.#misses.delete(server)
      return
    }
    const misses = (this.#misses.get(server) ?? 0) + 1
    this.#misses.set(server, misses)
    if (answer === 'silence' && misses < ALIVE_MISSES) return
    this.#misses.delete(server)
    this.#servers.remove(server)
    this.owner.lost(server)
    this.gateway.lost(server)
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#parts.clock.setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  #every(ms: number, act: () => void): void {
    this.#after(ms, () => {
      act()
      this.#every(ms, act)
    })
  }
}
