import { canonicalId, sameId } from '../../protocol/id.js'
import type { FromServer } from '../../protocol/signaling.js'
import { Connection, type Login, type Request } from '../connection.js'
import { elsewhere } from '../login-problem.js'
import type { Seat } from '../seat.js'
import type { BusAnswer } from './bus.js'
import {
  type BusMessage,
  encodeHolding,
  encodeTaking,
  type Holding,
  parseBusMessage,
  parseHolding,
  parseTaking,
  type Wish,
} from './bus-message.js'
import type { ClusterHub } from './cluster-hub.js'
import type { Gateway } from './gateway.js'
import type { Owner } from './owner.js'
import type { Post } from './post.js'
import { mailboxOf } from './subjects.js'
import type { Timers } from './timers.js'

/** How long one server waits for another's answer, ms; where an older program may have to answer first, longer. */
const ANSWER_MS = 500
const HOLDING_MS = 2_000
/** Asked again so long after the question, ms: a server that has just died seems to listen still, and would be waited for. */
const AGAIN_MS = [100, 400]

/**
 * How ids find each other: each has a mailbox at the server that holds its socket. Who names someone is told to that one's mailbox; who logs
 * in asks its own whether it is online elsewhere.
 */
export class Mailboxes {
  readonly #post: Post
  readonly #hub: ClusterHub
  readonly #gateway: Gateway
  readonly #owner: Owner
  readonly #timers: Timers
  readonly #unsubscribe = new Map<string, () => void>()

  constructor(post: Post, hub: ClusterHub, gateway: Gateway, owner: Owner, timers: Timers) {
    this.#post = post
    this.#hub = hub
    this.#gateway = gateway
    this.#owner = owner
    this.#timers = timers
  }

  /** A session has sat down at a socket of this server. */
  open({ canonical, id, key, session }: Connection): void {
    this.#unsubscribe.get(canonical)?.()
    const listen = (bytes: Uint8Array, answer: (bytes: Uint8Array) => void) => this.#onMail(canonical, bytes, answer)
    this.#unsubscribe.set(canonical, this.#post.bus.subscribe(mailboxOf(canonical), listen))
    this.#post.mail(canonical, { t: 'sat', id, key, session })
  }

  /** It has left, or goes on elsewhere. */
  close(canonical: string): void {
    this.#unsubscribe.get(canonical)?.()
    this.#unsubscribe.delete(canonical)
  }

  closeAll(): void {
    for (const canonical of [...this.#unsubscribe.keys()]) this.close(canonical)
  }

  /** Whether the id of a login is in use at another server, by whom. */
  holding({ id, key, session }: Login): Promise<Holding | 'free'> {
    const message: BusMessage = { t: 'holds', id, key, session }
    return new Promise(resolve => {
      let isAnswered = false
      const hear = (answer: BusAnswer) => {
        isAnswered = true
        resolve(typeof answer === 'string' ? 'free' : (parseHolding(answer) ?? 'free'))
      }
      void this.#post.askId(id, message, HOLDING_MS).then(hear)
      const again = async (left: number) => {
        if (isAnswered) return
        const answer = await this.#post.askId(id, message, left)
        if (answer !== 'silence') hear(answer)
      }
      for (const ms of AGAIN_MS) this.#timers.after(ms, () => void again(HOLDING_MS - ms))
    })
  }

  /**
   * A session has come here with a new socket, and has named the other side: asks where its old one is. The owner of the call that it
   * presents, if that goes on; null: it has none.
   */
  async take(connection: Connection, { to, resume }: Extract<Request, { type: 'call' }>): Promise<string | null> {
    const { id, key, session } = connection
    const message: BusMessage = { t: 'take', id, key, session, to, presents: resume ?? null, server: this.#post.self }
    const answer = await this.#post.askId(id, message, ANSWER_MS)
    return typeof answer === 'string' ? null : parseTaking(answer)
  }

  /** A session has named someone, and is in no call here. */
  named(seat: Seat): void {
    if (seat instanceof Connection && !this.#gateway.callOf(seat.canonical)) this.#introduce(seat)
  }

  /** Tells those that somebody here waits for. */
  introduceAll(): void {
    for (const canonical of this.#hub.lobby.waiting()) {
      const seat = this.#hub.seatOf(canonical)
      if (seat instanceof Connection) this.#introduce(seat)
    }
  }

  /** Something that concerns one who waits, and is not here. */
  tell(to: string, message: FromServer): void {
    if (message.type === 'presence') this.#post.mail(to, { t: 'presence', to: message.to, state: message.state })
  }

  /** Tells the one that a session waits for. */
  #introduce({ id, key, session, canonical }: Seat): void {
    const wanted = this.#hub.lobby.wantedBy(canonical)
    if (!wanted) return
    const { to, presents } = wanted
    this.#post.mail(to, { t: 'wants', id, key, session, to, presents, server: this.#post.self })
  }

  #onMail(canonical: string, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const message = parseBusMessage(bytes)
    const seat = this.#hub.seatOf(canonical)
    if (!message || !(seat instanceof Connection)) return
    switch (message.t) {
      case 'holds':
        onHolds(seat, message, holding => answer(encodeHolding(holding)))
        return
      case 'sat':
        this.#onSat(seat, message)
        return
      case 'wants':
        this.#onWants(seat, message)
        return
      case 'take':
        answer(encodeTaking(this.#onTake(seat, message)))
        return
      case 'presence': {
        const wanted = this.#hub.lobby.wantedBy(canonical)
        if (wanted && sameId(wanted.to, message.to) && !this.#gateway.callOf(canonical))
          seat.tell({ type: 'presence', to: message.to, state: message.state })
      }
    }
  }

  /** Two programs with one key were let in at two servers at once: neither was there when the other asked. One of them has to go. */
  #onSat(connection: Connection, other: Extract<BusMessage, { t: 'sat' }>): void {
    const { id, key, session } = connection
    if (key !== other.key || session === other.session) return
    if (session > other.session) connection.refuse(...elsewhere(connection))
    else this.#post.mail(id, { t: 'sat', id, key, session })
  }

  /** Where the two have named each other, the one that has the call is its owner; where there is none yet, the server of side a. */
  #onWants(connection: Connection, wish: Wish): void {
    const { lobby } = this.#hub
    const { canonical, id } = connection
    const attachment = this.#gateway.callOf(canonical)
    if (lobby.wantedBy(canonical)?.to !== canonicalId(wish.id)) {
      const state = lobby.presenceFor(canonical, wish.id)
      if (state === 'busy') this.#post.mail(wish.id, { t: 'presence', to: id, state })
    } else if (attachment) this.#post.send(attachment.owner, wish)
    else if (lobby.callOf(canonical) !== null || canonical < canonicalId(wish.id)) this.#owner.seat(wish)
    else this.#introduce(connection)
  }

  /** The session of a connection has come to another server. */
  #onTake(connection: Connection, wish: Wish): string | null {
    if (connection.session !== wish.session) return null
    const { canonical, id, key, session } = connection
    const attachment = this.#gateway.callOf(canonical)
    if (attachment && attachment.callId === wish.presents) {
      this.#gateway.follow(connection)
      this.#post.send(attachment.owner, { t: 'moved', id, key, session, server: wish.server })
      this.#hub.dismiss(connection)
      return attachment.owner
    }
    if (wish.presents !== null && this.#hub.lobby.callOf(canonical) === wish.presents) {
      this.#owner.exchange(connection, wish)
      return this.#post.self
    }
    this.#hub.dismiss(connection)
    return null
  }
}

function onHolds(
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
