import { canonicalId } from '../../protocol/id.js'
import { encodeSignaling, parseFromServer } from '../../protocol/signaling.js'
import { Connection, type Request } from '../connection.js'
import type { Seat } from '../seat.js'
import type { BusMessage } from './bus-message.js'
import type { ClusterHub } from './cluster-hub.js'
import type { Post } from './post.js'

/** The owner of the call of a session whose socket is here, and the call. */
interface Attachment {
  readonly owner: string
  readonly callId: string
}

export type OwnerMail = Extract<BusMessage, { t: 'attached' | 'tell' | 'released' | 'replaced' }>

/** This server as a gateway: sessions whose socket is here, and whose call another server owns. */
export class Gateway {
  readonly #post: Post
  readonly #hub: ClusterHub
  readonly #attached = new Map<string, Attachment>()
  /** Of sockets whose session has gone on elsewhere: the owner of its call. What was on its way to them goes there. */
  readonly #followed = new WeakMap<Seat, string>()

  constructor(post: Post, hub: ClusterHub) {
    this.#post = post
    this.#hub = hub
  }

  get size(): number {
    return this.#attached.size
  }

  /** Servers whose calls have a side here. */
  get owners(): Set<string> {
    return new Set(Array.from(this.#attached.values(), ({ owner }) => owner))
  }

  /** Where the call of a session is; undefined: here, or it has none. */
  callOf(canonical: string): Attachment | undefined {
    return this.#attached.get(canonical)
  }

  attach(seat: Seat, owner: string, callId: string): void {
    this.#attached.set(seat.canonical, { owner, callId })
    this.#hub.run(this.#hub.lobby.matchedElsewhere(seat.canonical, callId))
  }

  /** A session goes on elsewhere, as the owner of its call knows. */
  follow(seat: Seat): void {
    const attachment = this.#attached.get(seat.canonical)
    if (!attachment) return
    this.#attached.delete(seat.canonical)
    this.#followed.set(seat, attachment.owner)
  }

  /** A session has left this server, or has no use for its call there any more. */
  detach({ canonical, id, key, session }: Seat): void {
    const attachment = this.#attached.get(canonical)
    if (!attachment) return
    this.#attached.delete(canonical)
    this.#post.send(attachment.owner, { t: 'gone', id, key, session })
  }

  /** What a peer asked for. True: it is for the owner of its call. */
  request(seat: Seat, request: Request): boolean {
    const attachment = this.#attached.get(seat.canonical)
    if (!attachment || request.type === 'echo') return false
    const { id, key, session, canonical } = seat
    const wanted = this.#hub.lobby.wantedBy(canonical)
    // Who names somebody else leaves the call, here as there.
    const another = request.type === 'call' && wanted?.to !== canonicalId(request.to)
    const text = encodeSignaling(another ? { type: 'leave', reason: 'hungUp' } : request)
    this.#post.send(attachment.owner, { t: 'ask', id, key, session, text })
    if (another || request.type === 'leave') {
      this.detach(seat)
      this.#hub.run(this.#hub.lobby.endedElsewhere(canonical))
    }
    return !another
  }

  /** A frame of a session that is in no call here. True: it is for the owner of its call. */
  relay(seat: Seat, frame: Uint8Array): boolean {
    const { canonical } = seat
    const owner = this.#attached.get(canonical)?.owner ?? this.#followed.get(seat)
    if (owner !== undefined) this.#post.voice(owner, { towards: 'owner', id: canonical, frame })
    return owner !== undefined
  }

  onMail(message: OwnerMail): void {
    const { id, key, session } = message
    const seat = this.#hub.seatOf(canonicalId(id))
    if (!(seat instanceof Connection) || seat.session !== session) {
      if (message.t === 'attached') this.#post.send(message.owner, { t: 'gone', id, key, session })
      return
    }
    switch (message.t) {
      case 'attached':
        this.attach(seat, message.owner, message.callId)
        return
      case 'tell': {
        const parsed = parseFromServer(message.text)
        if (parsed.ok && this.#attached.has(seat.canonical)) seat.tell(parsed.value)
        return
      }
      case 'released':
        if (this.#attached.delete(seat.canonical)) {
          seat.callEnded()
          this.#hub.run(this.#hub.lobby.endedElsewhere(seat.canonical))
        }
        return
      case 'replaced':
        this.follow(seat)
        this.#hub.dismiss(seat)
    }
  }

  /** An owner is gone: its calls go on elsewhere. */
  lost(server: string): void {
    for (const [canonical, { owner, callId }] of this.#attached) {
      if (owner !== server) continue
      this.#attached.delete(canonical)
      const seat = this.#hub.seatOf(canonical)
      const wanted = this.#hub.lobby.wantedBy(canonical)
      // As if it had come back to its call just now.
      if (seat && wanted) this.#hub.request(seat, { type: 'call', to: wanted.to, resume: callId })
    }
  }
}
