import { canonicalId } from '../../protocol/id.js'
import { parseFromPeer } from '../../protocol/signaling.js'
import type { Connection } from '../connection.js'
import type { BusMessage, Wish } from './bus-message.js'
import type { ClusterHub } from './cluster-hub.js'
import type { Post } from './post.js'
import { RemoteSeat } from './remote-seat.js'

export type GatewayMail = Extract<BusMessage, { t: 'ask' | 'gone' | 'moved' }>

/** This server as an owner: sessions of calls that it has, whose socket is at another server. */
export class Owner {
  readonly #post: Post
  readonly #hub: ClusterHub
  readonly #seats = new Set<RemoteSeat>()

  constructor(post: Post, hub: ClusterHub) {
    this.#post = post
    this.#hub = hub
  }

  get size(): number {
    return this.#seats.size
  }

  /** Servers where sides of calls of this one have their sockets. */
  get gateways(): Set<string> {
    return new Set(Array.from(this.#seats, ({ server }) => server))
  }

  has(seat: RemoteSeat): boolean {
    return this.#seats.has(seat)
  }

  /** Someone from another server named one who is here and named it too: the two are matched. */
  seat(wish: Wish): void {
    const { lobby } = this.#hub
    const here = this.#hub.seatOf(canonicalId(wish.id))
    // It is here itself by now, or was heard twice; or another key has the id, as long as a network that was split has not sorted that out.
    if (here && (!(here instanceof RemoteSeat) || here.session === wish.session || here.key !== wish.key)) return
    if (here instanceof RemoteSeat) this.#unseat(here)
    const seat = this.#newSeat(wish)
    this.#hub.seat(seat)
    const result = lobby.call(wish.id, wish.to, wish.presents ?? undefined)
    if (result.ok) this.#hub.run(result.value)
    if (lobby.callOf(seat.canonical) === null) this.#unseat(seat)
  }

  /** The socket of a session goes on at another server; its call stays here. */
  exchange(connection: Connection, wish: Wish): void {
    this.#hub.exchange(connection, this.#newSeat(wish))
  }

  /** A session has come here with a socket of its own: its old gateway lets it go. */
  replaced(seat: RemoteSeat): void {
    this.#seats.delete(seat)
    seat.send('replaced')
  }

  /** It has no call here any more. */
  release(seat: RemoteSeat): void {
    seat.send('released')
    this.#unseat(seat)
  }

  onMail(message: GatewayMail): void {
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

  /** A gateway is gone, and with it the sockets there. */
  lost(server: string): void {
    for (const seat of [...this.#seats]) if (seat.server === server) this.#unseat(seat)
  }

  #newSeat(wish: Wish): RemoteSeat {
    const seat = new RemoteSeat(wish, this.#post)
    this.#seats.add(seat)
    return seat
  }

  #unseat(seat: RemoteSeat): void {
    if (this.#seats.delete(seat)) this.#hub.unseat(seat)
  }
}
