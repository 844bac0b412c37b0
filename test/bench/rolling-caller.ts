/** One side of a call as the rolling restart sees it: goes where its server sends it, as the peer does, and counts what it hears. */

import { createNodeIdentity } from '../../protocol/node-ed25519.js'
import { RelayLeg } from '../../protocol/relay-leg.js'
import { newSession } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'

interface Place {
  readonly client: WsClient
  readonly leg: RelayLeg
  matched: boolean
}

export class RollingCaller {
  /** Frames said, and heard for the first time. */
  said = 0
  heard = 0
  /** The longest time between two that were heard, ms; since `reset`. */
  longestMs = 0
  moves = 0
  readonly #identity = createNodeIdentity()
  readonly #session = newSession()
  readonly #seen = new Set<number>()
  #place: Place | null = null
  #former: Place | null = null
  #callId: string | undefined
  #heardAt = 0

  constructor(
    readonly id: string,
    readonly to: string,
  ) {}

  get isTalking(): boolean {
    return this.#place?.matched ?? false
  }

  reset(): void {
    this.longestMs = 0
    this.#heardAt = performance.now()
  }

  async goTo(url: string): Promise<void> {
    const client = await WsClient.online(url, this.id, this.#identity, this.#session)
    const leg = new RelayLeg({
      now: () => performance.now(),
      transmit: bytes => client.socket.send(bytes),
      deliver: payload => this.#hear(payload),
    })
    const place: Place = { client, leg, matched: false }
    this.#former = this.#place
    this.#place = place
    client.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) leg.receive(data)
      else this.#told(place, JSON.parse(data.toString()))
    })
    const resume = this.#callId === undefined ? {} : { resume: this.#callId }
    client.socket.send(JSON.stringify({ type: 'call', to: this.to, ...resume }))
  }

  /** A frame of voice, 120 bytes. */
  say(): void {
    const place = this.#place?.matched ? this.#place : this.#former
    if (!place) return
    const frame = Buffer.alloc(120)
    frame.writeUInt32BE(this.said++)
    place.leg.send(frame)
  }

  close(): void {
    for (const place of [this.#place, this.#former]) place?.client.socket.terminate()
  }

  #told(place: Place, message: { type: string; callId?: string; url?: string }): void {
    if (place !== this.#place) return
    if (message.type === 'matched') {
      place.matched = true
      this.#callId = message.callId
      this.#former?.client.socket.close()
      this.#former = null
    } else if (message.type === 'move' && message.url !== undefined) {
      this.moves++
      void this.goTo(message.url).catch(() => {})
    }
  }

  #hear(payload: Uint8Array): void {
    const n = new DataView(payload.buffer, payload.byteOffset).getUint32(0)
    if (this.#seen.has(n)) return
    this.#seen.add(n)
    this.heard++
    const now = performance.now()
    this.longestMs = Math.max(this.longestMs, now - this.#heardAt)
    this.#heardAt = now
  }
}
