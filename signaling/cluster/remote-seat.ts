import { canonicalId } from '../../protocol/id.js'
import { encodeSignaling, type FromServer } from '../../protocol/signaling.js'
import type { Drops, Seat } from '../seat.js'
import type { BusMessage, Wish } from './bus-message.js'

/** What carries its messages to its gateway. */
export interface RemoteCarrier {
  send(server: string, message: BusMessage): void
  voice(server: string, id: string, frame: Uint8Array): void
}

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
  readonly #carrier: RemoteCarrier

  constructor({ id, key, session, server }: Omit<Wish, 't'>, carrier: RemoteCarrier) {
    this.id = id
    this.canonical = canonicalId(id)
    this.key = key
    this.session = session
    this.server = server
    this.#carrier = carrier
  }

  send(t: 'released' | 'replaced'): void {
    const { id, key, session } = this
    this.#carrier.send(this.server, { t, id, key, session })
  }

  attached(owner: string, callId: string): void {
    const { id, key, session } = this
    this.#carrier.send(this.server, { t: 'attached', id, key, session, owner, callId })
  }

  tell(message: FromServer): void {
    const { id, key, session } = this
    this.#carrier.send(this.server, { t: 'tell', id, key, session, text: encodeSignaling(message) })
  }

  error(name: string, message: string): void {
    this.tell({ type: 'error', name, message })
  }

  forward(message: Uint8Array): void {
    this.#carrier.voice(this.server, this.canonical, message)
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
