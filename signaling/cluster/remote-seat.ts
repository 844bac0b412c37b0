import { canonicalId } from '../../protocol/id.js'
import { encodeSignaling, type FromServer } from '../../protocol/signaling.js'
import type { Drops, Seat } from '../seat.js'
import type { Wish } from './bus-message.js'
import type { Post } from './post.js'

/** A session of a call that this server owns, whose socket is at another one, its gateway: that counts its drops and its errors. */
export class RemoteSeat implements Seat {
  readonly number = null
  readonly hears = false
  readonly id: string
  readonly canonical: string
  readonly key: string
  readonly session: string
  /** Its gateway. */
  server: string
  readonly #post: Post

  constructor({ id, key, session, server }: Omit<Wish, 't'>, post: Post) {
    this.id = id
    this.canonical = canonicalId(id)
    this.key = key
    this.session = session
    this.server = server
    this.#post = post
  }

  send(t: 'released' | 'replaced'): void {
    const { id, key, session } = this
    this.#post.send(this.server, { t, id, key, session })
  }

  /** Its call is owned here. */
  attached(callId: string): void {
    const { id, key, session } = this
    this.#post.send(this.server, { t: 'attached', id, key, session, owner: this.#post.self, callId })
  }

  tell(message: FromServer): void {
    const { id, key, session } = this
    this.#post.send(this.server, { t: 'tell', id, key, session, text: encodeSignaling(message) })
  }

  error(name: string, message: string): void {
    this.tell({ type: 'error', name, message })
  }

  forward(message: Uint8Array): void {
    this.#post.voice(this.server, { towards: 'socket', id: this.canonical, frame: message })
  }

  drop(): void {}

  takeDrops(): Drops {
    return {}
  }

  callEnded(): void {}

  crossed(): boolean {
    return true
  }
}
