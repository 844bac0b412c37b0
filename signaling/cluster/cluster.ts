/**
 * This server's part of a cluster: who is where, whose call is whose, and what passes between servers. Two who named each other at two
 * servers are matched at one of them, the owner of their call. The other's socket is asked to move there; until it has, or if it can't,
 * its messages and its voice travel over the bus. A side that moves keeps its old socket until it names the other at the new one, and no
 * frame is lost.
 *
 * Nothing of a running call whose sockets are both here depends on the bus.
 */
import type { Clock } from '../../protocol/clock.js'
import { canonicalId } from '../../protocol/id.js'
import type { Connection } from '../connection.js'
import type { Bus } from './bus.js'
import { parseBusMessage } from './bus-message.js'
import { parseBusVoice } from './bus-voice.js'
import type { ClusterHub } from './cluster-hub.js'
import type { ClusterNames } from './cluster-names.js'
import { Gateway } from './gateway.js'
import { Mailboxes } from './mailboxes.js'
import { Owner } from './owner.js'
import { Post } from './post.js'
import { Presence } from './presence.js'
import { RemoteSeat } from './remote-seat.js'
import { PRESENCE_MS, type ServerNews } from './server-list.js'
import { PRESENCE, serverMailbox, voiceOf } from './subjects.js'
import { Timers } from './timers.js'
import { ALIVE_MS, Watchdog } from './watchdog.js'

export interface ClusterParts {
  readonly bus: Bus
  readonly clock: Clock
  readonly names: ClusterNames
  /** Letters, digits, `-`, `_`; each run of a server has its own. */
  readonly id: string
  /** How peers dial this very server; null: only by a name that it shares with others. Then none is asked to move here. */
  readonly url: string | null
  /** Other servers have come or gone; `servers`: how many are there now. */
  readonly report?: (news: ServerNews, servers: number) => void
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

/** Wishes are told again so often, ms: one may have been lost, or a network been split. */
const AGAIN_MS = 15_000
/** Ids that could not be claimed are tried again so often, ms: until then two may use one. */
const CLAIM_MS = 3_000
/** Peers are asked to leave a draining server one after the other, so many ms apart, and all within so long: each has to log in elsewhere. */
const LEAVE_MS = 20
const LEAVE_WITHIN_MS = 10_000

export class Cluster {
  readonly presence: Presence
  readonly names: ClusterNames
  readonly gateway: Gateway
  readonly owner: Owner
  readonly mailboxes: Mailboxes
  readonly #parts: ClusterParts
  readonly #hub: ClusterHub
  readonly #timers: Timers
  readonly #unsubscribe: readonly (() => void)[]

  constructor(parts: ClusterParts, hub: ClusterHub) {
    const { bus, clock, id } = parts
    this.#parts = parts
    this.#hub = hub
    this.#timers = new Timers(clock)
    const post = new Post(bus, id)
    this.names = parts.names
    this.gateway = new Gateway(post, hub)
    this.owner = new Owner(post, hub)
    this.mailboxes = new Mailboxes(post, hub, this.gateway, this.owner, this.#timers)
    this.presence = new Presence(parts)
    this.#unsubscribe = [
      bus.subscribe(serverMailbox(id), (bytes, answer) => this.#onMail(bytes, answer)),
      bus.subscribe(voiceOf(id), bytes => this.#onVoice(bytes)),
      bus.subscribe(PRESENCE, bytes => this.#onPresence(bytes)),
    ]
    bus.onChange = isUp => {
      if (!isUp) return
      this.presence.say()
      this.#tellAgain()
    }
    this.#timers.every(PRESENCE_MS, () => this.presence.say())
    const needed = () => new Set([...this.gateway.owners, ...this.owner.gateways])
    const watchdog = new Watchdog({ post, needed, lost: server => this.#lost(server) })
    this.#timers.every(ALIVE_MS, () => watchdog.ask())
    this.#timers.every(AGAIN_MS, () => this.mailboxes.introduceAll())
    this.#timers.every(CLAIM_MS, () => void this.names.claimPending())
    this.presence.say()
  }

  get figures(): ClusterFigures {
    return {
      remote: this.owner.size,
      attached: this.gateway.size,
      servers: this.presence.size,
      up: this.#parts.bus.isUp ? 1 : 0,
    }
  }

  /** Ends its timers and subscriptions, and tells the others that nobody should come here. */
  close(): void {
    this.presence.announceDrain()
    this.#timers.clear()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.mailboxes.closeAll()
  }

  /** Asks all who are here to go on at other servers, once that is announced. False: there is none. */
  moveAll(): boolean {
    if (this.presence.refuge([]) === null) return false
    const connections = this.#hub.connections()
    const apart = Math.min(LEAVE_MS, LEAVE_WITHIN_MS / connections.length)
    for (const [n, connection] of connections.entries())
      this.#timers.after(n * apart, () => {
        const wanted = this.#hub.lobby.wantedBy(connection.canonical)
        const url = this.presence.refuge(wanted ? [connection.canonical, wanted.to] : [connection.canonical])
        if (url !== null && !connection.isOver) connection.tell({ type: 'move', url })
      })
    return true
  }

  /** A session has sat down at a socket of this server. */
  arrived(connection: Connection): void {
    this.mailboxes.open(connection)
    const { urls } = this.presence
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
        this.#timers.after(0, () => this.#sendFor(seat))
      } else if (seat) this.gateway.detach(seat)
    }
  }

  /** Asks a session whose call is owned here to come here. */
  #sendFor(seat: RemoteSeat): void {
    const url = this.presence.ownUrl
    if (url !== null && this.owner.has(seat)) seat.tell({ type: 'move', url })
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

  #onPresence(bytes: Uint8Array): void {
    if (!this.presence.hear(bytes)) return
    // One that was not there does not know of this one yet, and may have those whom some here wait for.
    this.presence.say()
    this.#tellAgain()
    // And once more: after a split the bus takes a moment to learn who listens where.
    this.#timers.after(PRESENCE_MS, () => this.#tellAgain())
    const { urls } = this.presence
    for (const connection of this.#hub.connections()) connection.tell({ type: 'servers', urls })
  }

  #tellAgain(): void {
    this.mailboxes.introduceAll()
    void this.names.claimPending()
  }

  #lost(server: string): void {
    this.presence.lost(server)
    this.owner.lost(server)
    this.gateway.lost(server)
  }
}
