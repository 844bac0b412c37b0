/**
 * This server's part of a cluster: who is where, whose call is whose, and what passes between servers. Two who named each other at two
 * servers are matched at one of them, the owner of their call: the one where side a came in, or the one that has the call already. The
 * other's socket is asked to move there; until it has, or if it can't, its messages and its voice travel over the bus. A side that moves
 * keeps its old socket until it names the other at the new one, and no frame is lost.
 *
 * Nothing of a running call whose sockets are both here depends on the bus.
 */
import type { Clock, Timer } from '../../protocol/clock.js'
import { canonicalId, sameId } from '../../protocol/id.js'
import {
  encodeSignaling,
  type FromServer,
  MAX_SERVERS,
  parseFromPeer,
  parseFromServer,
} from '../../protocol/signaling.js'
import type { Connection, Login, Request } from '../connection.js'
import type { Lobby, LobbyEffect } from '../lobby.js'
import type { Seat } from '../seat.js'
import type { Bus } from './bus.js'
import {
  type BusMessage,
  encodeBusMessage,
  encodeHolding,
  encodeTaking,
  type Holding,
  parseBusMessage,
  parseHolding,
  parseTaking,
  type Wish,
} from './bus-message.js'
import { encodeBusVoice, parseBusVoice } from './bus-voice.js'
import { RemoteSeat } from './remote-seat.js'
import { encodeCard, PRESENCE_MS, ServerList } from './server-list.js'
import { mailboxOf, PRESENCE, serverMailbox, voiceOf } from './subjects.js'

/** What a cluster may do with the hub of its server. */
export interface ClusterHub {
  readonly lobby: Lobby
  /** Where an id (canonical) sits, if it is online here. */
  seatOf(canonical: string): Seat | undefined
  /** All who sit at sockets of this server. */
  connections(): Iterable<Connection>
  run(effects: readonly LobbyEffect[]): void
  /** What the peer of a seat asked for. */
  request(seat: Seat, request: Request): void
  /** A frame from a seat. */
  relay(seat: Seat, message: Uint8Array): void
  /** Someone whose socket is at another server sits down. */
  seat(seat: RemoteSeat): void
  /** The session of a connection goes on at another server, and its call stays here: the seat takes its place. */
  exchange(connection: Connection, seat: RemoteSeat): void
  /** The session of a connection goes on at another server altogether. */
  dismiss(connection: Connection): void
  /** A remote seat is gone: its socket closed, or it has no call here any more. */
  unseat(seat: RemoteSeat): void
  /** Now and then, and when the bus is up again: what could not be done without it. */
  again(): void
}

export interface ClusterParts {
  readonly bus: Bus
  readonly clock: Clock
  /** Letters, digits, `-`, `_`; each run of a server has its own. */
  readonly id: string
  /** How peers dial this very server; null: only by a name that it shares with others. Then none is asked to move here. */
  readonly url: string | null
}

/** The owner of the call of a session whose socket is here, and the call. */
interface Attachment {
  readonly owner: string
  readonly callId: string
}

/** How long one server waits for another's answer, ms. To a login that asks whether an older program answers, `elsewhereMs` more. */
const ANSWER_MS = 500
const HOLDING_MS = 2_000
/** How often those are asked whether they live whom a call depends on, ms; and how many answers may be missing. */
const ALIVE_MS = 250
const ALIVE_MISSES = 3
/** Wishes are told again so often, ms: one may have been lost, or a network been split. */
const AGAIN_MS = 15_000
/** Peers are asked to leave a draining server over so long, ms. */
const DRAIN_SPREAD_MS = 1_000

export class Cluster {
  readonly #parts: ClusterParts
  readonly #hub: ClusterHub
  readonly #servers: ServerList
  readonly #attached = new Map<string, Attachment>()
  readonly #mailboxes = new Map<string, () => void>()
  readonly #misses = new Map<string, number>()
  readonly #unsubscribe: (() => void)[] = []
  readonly #timers = new Set<Timer>()
  /** Sessions whose call is owned here, and whose socket is elsewhere. */
  readonly #remote = new Set<RemoteSeat>()
  #draining = false

  constructor(parts: ClusterParts, hub: ClusterHub) {
    this.#parts = parts
    this.#hub = hub
    const { bus, id } = parts
    this.#servers = new ServerList(id)
    this.#unsubscribe.push(
      bus.subscribe(serverMailbox(id), (bytes, answer) => this.#onServerMail(bytes, answer)),
      bus.subscribe(voiceOf(id), bytes => this.#onVoice(bytes)),
      bus.subscribe(PRESENCE, bytes => this.#onPresence(bytes)),
    )
    bus.onChange = isUp => {
      if (!isUp) return
      this.#sayPresence()
      this.#introduceAll()
      hub.again()
    }
    this.#every(PRESENCE_MS, () => this.#sayPresence())
    this.#every(ALIVE_MS, () => this.#askAlive())
    this.#every(AGAIN_MS, () => {
      this.#introduceAll()
      hub.again()
    })
    this.#sayPresence()
  }

  /** Sessions whose call is owned here and whose socket is elsewhere, the other way round, and other servers. */
  get figures(): { readonly remote: number; readonly attached: number; readonly servers: number } {
    return {
      remote: this.#remote.size,
      attached: this.#attached.size,
      servers: this.#servers.present(this.#parts.clock.now()).length,
    }
  }

  /** Ends its timers and subscriptions, and tells the others that this server is gone. */
  close(): void {
    this.drain()
    for (const timer of this.#timers) this.#parts.clock.clearTimeout(timer)
    this.#timers.clear()
    for (const unsubscribe of [...this.#unsubscribe, ...this.#mailboxes.values()]) unsubscribe()
    this.#mailboxes.clear()
  }

  /** Nobody should come here any more. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    this.#sayPresence()
  }

  /** Asks all who are here to go on at other servers. False: there is none. */
  moveAll(): boolean {
    const { clock } = this.#parts
    this.drain()
    if (!this.#servers.refuge([], clock.now())) return false
    const connections = [...this.#hub.connections()]
    for (const [n, connection] of connections.entries())
      this.#after((n / connections.length) * DRAIN_SPREAD_MS, () => {
        const wanted = this.#hub.lobby.wantedBy(connection.canonical)
        const refuge = this.#servers.refuge(
          wanted ? [connection.canonical, wanted.to] : [connection.canonical],
          clock.now(),
        )
        if (refuge?.url && !connection.isOver) connection.tell({ type: 'move', url: refuge.url })
      })
    return true
  }

  /** Whether the id of a login is in use at another server, by whom. */
  async holding({ id, key, session }: Login): Promise<Holding | 'free'> {
    const message = encodeBusMessage({ t: 'holds', id, key, session })
    const answer = await this.#parts.bus.request(mailboxOf(id), message, HOLDING_MS)
    return typeof answer === 'string' ? 'free' : (parseHolding(answer) ?? 'free')
  }

  /** A session has sat down at a socket of this server. */
  arrived(connection: Connection): void {
    const { canonical } = connection
    this.#mailboxes.get(canonical)?.()
    this.#mailboxes.set(
      canonical,
      this.#parts.bus.subscribe(mailboxOf(canonical), (bytes, answer) => this.#onMail(canonical, bytes, answer)),
    )
    const urls = this.#others()
    if (urls.length > 0) connection.tell({ type: 'servers', urls })
  }

  /** It has left, or goes on elsewhere. */
  left({ canonical, id, key, session }: Connection): void {
    this.#mailboxes.get(canonical)?.()
    this.#mailboxes.delete(canonical)
    const attachment = this.#attached.get(canonical)
    if (!attachment) return
    this.#attached.delete(canonical)
    this.send(attachment.owner, { t: 'gone', id, key, session })
  }

  /** What a peer asked for. True: it is for the owner of its call, at another server. */
  request(seat: Seat, request: Request): boolean {
    const attachment = this.#attached.get(seat.canonical)
    if (!attachment || request.type === 'echo') return false
    const { id, key, session } = seat
    const wanted = this.#hub.lobby.wantedBy(seat.canonical)
    const another = request.type === 'call' && wanted?.to !== canonicalId(request.to)
    // Who names somebody else leaves the call, here as there.
    const text = encodeSignaling(another ? { type: 'leave', reason: 'hungUp' } : request)
    this.send(attachment.owner, { t: 'ask', id, key, session, text })
    if (!another && request.type !== 'leave') return true
    this.#attached.delete(seat.canonical)
    this.send(attachment.owner, { t: 'gone', id, key, session })
    this.#hub.run(this.#hub.lobby.endedElsewhere(seat.canonical))
    return !another
  }

  /** A frame of a session that is in no call here. True: it is for the owner of its call. */
  relay({ canonical }: Seat, message: Uint8Array): boolean {
    const attachment = this.#attached.get(canonical)
    if (!attachment) return false
    this.#parts.bus.publish(
      voiceOf(attachment.owner),
      encodeBusVoice({ towards: 'owner', id: canonical, frame: message }),
    )
    return true
  }

  /** A session has named someone, and is in no call here. */
  named(seat: Seat): void {
    if (!(seat instanceof RemoteSeat) && !this.#attached.has(seat.canonical)) this.#introduce(seat)
  }

  /** Two are in a call here. */
  joined(callId: string, ids: readonly [string, string]): void {
    for (const typed of ids) {
      const canonical = canonicalId(typed)
      const attachment = this.#attached.get(canonical)
      const seat = this.#hub.seatOf(canonical)
      if (attachment && seat) {
        // Both have come to this server, past the one that had the call.
        this.#attached.delete(canonical)
        this.send(attachment.owner, { t: 'gone', id: seat.id, key: seat.key, session: seat.session })
      }
      if (seat instanceof RemoteSeat) {
        seat.attached(this.#parts.id, callId)
        // After the news that they are matched: who knows of no call yet would go and begin another one.
        this.#after(0, () => this.#sendFor(seat))
      }
    }
  }

  /** Asks a session whose call is owned here to come here. */
  #sendFor(seat: RemoteSeat): void {
    const { url } = this.#parts
    if (url !== null && !this.#draining && this.#remote.has(seat)) seat.tell({ type: 'move', url })
  }

  /** Something that concerns one who waits, and is not here. */
  tellFar(to: string, message: FromServer): void {
    if (message.type !== 'presence') return
    this.#mail(to, { t: 'presence', to: message.to, state: message.state })
  }

  /**
   * A session has come here with a new socket, and has named the other side: asks where its old one is. The owner of the call that it
   * presents, if that goes on; null: it has none.
   */
  async take(
    { id, key, session }: Connection,
    { to, resume }: Extract<Request, { type: 'call' }>,
  ): Promise<string | null> {
    const message: BusMessage = { t: 'take', id, key, session, to, presents: resume ?? null, server: this.#parts.id }
    const answer = await this.#parts.bus.request(mailboxOf(id), encodeBusMessage(message), ANSWER_MS)
    return typeof answer === 'string' ? null : parseTaking(answer)
  }

  /** The call of a session that has sat down here is owned by another server. */
  attach(seat: Seat, owner: string, callId: string): void {
    this.#attached.set(seat.canonical, { owner, callId })
    this.#hub.run(this.#hub.lobby.matchedElsewhere(seat.canonical, callId))
  }

  /** Sits down where the call is that it has come back to: its old gateway lets it go. */
  arrivedAtOwner(seat: RemoteSeat): void {
    this.#remote.delete(seat)
    seat.send('replaced')
  }

  /** A remote seat has no call here any more. */
  release(seat: RemoteSeat): void {
    seat.send('released')
    this.#unseat(seat)
  }

  /** To another server. */
  send(server: string, message: BusMessage): void {
    this.#parts.bus.publish(serverMailbox(server), encodeBusMessage(message))
  }

  voice(server: string, id: string, frame: Uint8Array): void {
    this.#parts.bus.publish(voiceOf(server), encodeBusVoice({ towards: 'socket', id, frame }))
  }

  #mail(id: string, message: BusMessage): void {
    this.#parts.bus.publish(mailboxOf(id), encodeBusMessage(message))
  }

  /** Tells the one that a session waits for. */
  #introduce({ id, key, session, canonical }: Seat): void {
    const wanted = this.#hub.lobby.wantedBy(canonical)
    if (!wanted) return
    const { to, presents } = wanted
    this.#mail(to, { t: 'wants', id, key, session, to, presents, server: this.#parts.id })
  }

  #introduceAll(): void {
    for (const canonical of this.#hub.lobby.waiting()) {
      const seat = this.#hub.seatOf(canonical)
      if (seat && !(seat instanceof RemoteSeat)) this.#introduce(seat)
    }
  }

  /** Something for an id whose socket is here. */
  #onMail(canonical: string, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const message = parseBusMessage(bytes)
    const seat = this.#hub.seatOf(canonical)
    if (!message || !seat || seat instanceof RemoteSeat) return
    const connection = seat as Connection
    switch (message.t) {
      case 'holds':
        this.#onHolds(connection, message, holding => answer(encodeHolding(holding)))
        return
      case 'wants':
        this.#onWants(connection, message, bytes)
        return
      case 'take':
        answer(encodeTaking(this.#onTake(connection, message)))
        return
      case 'presence': {
        const wanted = this.#hub.lobby.wantedBy(canonical)
        if (wanted && sameId(wanted.to, message.to) && !this.#attached.has(canonical))
          connection.tell({ type: 'presence', to: message.to, state: message.state })
      }
    }
  }

  #onHolds(
    connection: Connection,
    { key, session }: Extract<BusMessage, { t: 'holds' }>,
    answer: (holding: Holding) => void,
  ): void {
    if (connection.key !== key) answer('taken')
    else if (connection.session === session) answer('same')
    else
      connection.probe(alive => {
        if (!alive) connection.close(4001, 'replaced')
        answer(alive ? 'elsewhere' : 'gone')
      })
  }

  #onWants(connection: Connection, wish: Wish, bytes: Uint8Array): void {
    const { lobby } = this.#hub
    const { canonical } = connection
    const attachment = this.#attached.get(canonical)
    if (lobby.wantedBy(canonical)?.to !== canonicalId(wish.id)) {
      if (lobby.presenceFor(canonical, wish.id) === 'busy')
        this.#mail(wish.id, { t: 'presence', to: connection.id, state: 'busy' })
    } else if (attachment) this.#parts.bus.publish(serverMailbox(attachment.owner), bytes)
    else if (lobby.callOf(canonical) !== null || canonical < canonicalId(wish.id)) this.#seat(wish)
    else this.#introduce(connection)
  }

  /** Someone from another server named one who is here and named it too. */
  #seat(wish: Wish): void {
    const { lobby } = this.#hub
    const here = this.#hub.seatOf(canonicalId(wish.id))
    // It is here itself by now, or was heard twice.
    if (here && (!(here instanceof RemoteSeat) || here.session === wish.session)) return
    if (here instanceof RemoteSeat) this.#unseat(here)
    const seat = this.#remoteSeat(wish)
    this.#hub.seat(seat)
    const result = lobby.call(wish.id, wish.to, wish.presents ?? undefined)
    if (result.ok) this.#hub.run(result.value)
    if (lobby.callOf(seat.canonical) === null) this.#unseat(seat)
  }

  /** A session of a connection here has come to another server. */
  #onTake(connection: Connection, wish: Wish): string | null {
    if (connection.session !== wish.session) return null
    const { lobby } = this.#hub
    const { canonical, id, key, session } = connection
    const attachment = this.#attached.get(canonical)
    if (attachment && attachment.callId === wish.presents) {
      this.#attached.delete(canonical)
      this.send(attachment.owner, { t: 'moved', id, key, session, server: wish.server })
      this.#hub.dismiss(connection)
      return attachment.owner
    }
    if (wish.presents !== null && lobby.callOf(canonical) === wish.presents) {
      this.#hub.exchange(connection, this.#remoteSeat(wish))
      return this.#parts.id
    }
    this.#hub.dismiss(connection)
    return null
  }

  #onServerMail(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const message = parseBusMessage(bytes)
    if (!message) return
    switch (message.t) {
      case 'alive':
        answer(bytes)
        return
      case 'wants':
        if (this.#hub.lobby.wantedBy(message.to)?.to === canonicalId(message.id)) this.#seat(message)
        return
      case 'attached':
      case 'tell':
      case 'released':
      case 'replaced':
        this.#onOwnerMail(message)
        return
      case 'ask':
      case 'gone':
      case 'moved':
        this.#onGatewayMail(message)
    }
  }

  /** From the owner of a call, for a session whose socket is here. */
  #onOwnerMail(message: Extract<BusMessage, { t: 'attached' | 'tell' | 'released' | 'replaced' }>): void {
    const seat = this.#hub.seatOf(canonicalId(message.id))
    if (!seat || seat instanceof RemoteSeat || seat.session !== message.session) {
      const { id, key, session } = message
      if (message.t === 'attached') this.send(message.owner, { t: 'gone', id, key, session })
      return
    }
    const connection = seat as Connection
    switch (message.t) {
      case 'attached':
        this.attach(connection, message.owner, message.callId)
        return
      case 'tell': {
        const parsed = parseFromServer(message.text)
        if (parsed.ok && this.#attached.has(connection.canonical)) connection.tell(parsed.value)
        return
      }
      case 'released':
        if (this.#attached.delete(connection.canonical)) {
          connection.callEnded()
          this.#hub.run(this.#hub.lobby.endedElsewhere(connection.canonical))
        }
        return
      case 'replaced':
        this.#attached.delete(connection.canonical)
        this.#hub.dismiss(connection)
    }
  }

  /** From the gateway of a session whose call is owned here. */
  #onGatewayMail(message: Extract<BusMessage, { t: 'ask' | 'gone' | 'moved' }>): void {
    const seat = this.#hub.seatOf(canonicalId(message.id))
    if (!(seat instanceof RemoteSeat) || seat.session !== message.session) return
    switch (message.t) {
      case 'ask': {
        const parsed = parseFromPeer(message.text)
        if (parsed.ok && parsed.value.type !== 'login' && parsed.value.type !== 'ping')
          this.#hub.request(seat, parsed.value)
        return
      }
      case 'gone':
        this.#unseat(seat)
        return
      case 'moved':
        seat.server = message.server
    }
  }

  #onVoice(bytes: Uint8Array): void {
    const voice = parseBusVoice(bytes)
    const seat = voice && this.#hub.seatOf(voice.id)
    if (!seat) return
    // A seat that has just moved may have frames on their old way: they are as good as any.
    if (voice.towards === 'owner') this.#hub.relay(seat, voice.frame)
    else if (!(seat instanceof RemoteSeat)) seat.forward(voice.frame)
  }

  #unseat(seat: RemoteSeat): void {
    if (this.#remote.delete(seat)) this.#hub.unseat(seat)
  }

  #remoteSeat(wish: Wish): RemoteSeat {
    const seat = new RemoteSeat(wish, this)
    this.#remote.add(seat)
    return seat
  }

  #sayPresence(): void {
    const { bus, id, url } = this.#parts
    bus.publish(PRESENCE, encodeCard({ id, url, draining: this.#draining }))
  }

  #onPresence(bytes: Uint8Array): void {
    if (!this.#servers.hear(bytes, this.#parts.clock.now())) return
    // One that was not there does not know of this one yet, and may have those whom some here wait for.
    this.#sayPresence()
    this.#introduceAll()
    const urls = this.#others()
    for (const connection of this.#hub.connections()) connection.tell({ type: 'servers', urls })
  }

  #others(): string[] {
    return this.#servers
      .present(this.#parts.clock.now())
      .flatMap(({ url, draining }) => (url === null || draining ? [] : [url]))
      .slice(0, MAX_SERVERS)
  }

  /** Those whom calls depend on must be there: a server that ends cleanly says so, one that is killed does not. */
  #askAlive(): void {
    const asked = new Set<string>()
    for (const { owner } of this.#attached.values()) asked.add(owner)
    for (const seat of this.#remote) asked.add(seat.server)
    for (const server of this.#misses.keys()) if (!asked.has(server)) this.#misses.delete(server)
    for (const server of asked)
      void this.#parts.bus
        .request(serverMailbox(server), encodeBusMessage({ t: 'alive' }), ALIVE_MS)
        .then(answer => this.#heardAlive(server, answer))
  }

  #heardAlive(server: string, answer: Uint8Array | 'nobody' | 'silence'): void {
    // Without the bus nothing is known of the others.
    if (typeof answer !== 'string' || !this.#parts.bus.isUp) {
      this.#misses.delete(server)
      return
    }
    const misses = (this.#misses.get(server) ?? 0) + 1
    this.#misses.set(server, misses)
    if (answer === 'nobody' || misses >= ALIVE_MISSES) this.#lost(server)
  }

  #lost(server: string): void {
    this.#misses.delete(server)
    this.#servers.remove(server)
    for (const seat of [...this.#remote]) if (seat.server === server) this.#unseat(seat)
    for (const [canonical, { owner, callId }] of this.#attached) {
      if (owner !== server) continue
      this.#attached.delete(canonical)
      const seat = this.#hub.seatOf(canonical)
      const wanted = this.#hub.lobby.wantedBy(canonical)
      // As if it had come back to its call just now.
      if (seat && wanted) this.#hub.request(seat, { type: 'call', to: wanted.to, resume: callId })
    }
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
