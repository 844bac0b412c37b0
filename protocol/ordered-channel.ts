/**
 * Messages that must come, whole, once and in order, over routes that lose, double and reorder: cut into pieces, numbered, sent
 * again until acknowledged. One at each end of a call. No timers: `due` is asked often, and says what is to be sent now.
 */
import { concat } from './bytes.js'
import { MAX_PIECE_BYTES, type OrderedPacket } from './packet.js'

/** Pieces under way at most; the receiver keeps as many that came too early. */
const WINDOW = 16
/** Pieces that wait and are under way, at most. */
const MAX_PIECES = 512
/** The longest message, bytes. */
export const MAX_ORDERED_BYTES = 8 * 1024
/**
 * An unacknowledged piece is sent again after one and a half round trips and this, ms; each further time after twice as long, up
 * to the limit; and at once when one that was sent after it has come.
 */
const AGAIN_MS = 60
const MAX_AGAIN_MS = 1_000
/** While the round trip is not known, ms. */
const FIRST_RTT_MS = 200

interface Piece {
  readonly seq: number
  readonly last: boolean
  readonly data: Uint8Array
  /** How often it was sent, and when the last time, ms. */
  sent: number
  sentAt: number
  /** The other side has it already, ahead of others. */
  there: boolean
}

export class OrderedChannel {
  /** Pieces not acknowledged yet, the oldest first. */
  readonly #out: Piece[] = []
  #nextSeq = 0
  #expected = 0
  readonly #early = new Map<number, OrderedPacket>()
  #parts: Uint8Array[] = []
  #size = 0
  #owesAck = false

  constructor(private readonly deliver: (message: Uint8Array) => void) {}

  /** Pieces not acknowledged yet. */
  get waiting(): number {
    return this.#out.length
  }

  /** Pieces of the other side that are kept: too early, or of a message that is not whole. */
  get kept(): number {
    return this.#early.size + this.#parts.length
  }

  /** Takes a message for sending. False: it is too long, or the other side has taken nothing for too long. */
  send(message: Uint8Array): boolean {
    const pieces = Math.max(1, Math.ceil(message.length / MAX_PIECE_BYTES))
    if (message.length > MAX_ORDERED_BYTES || this.#out.length + pieces > MAX_PIECES) return false
    for (let i = 0; i < pieces; i++) {
      const data = message.slice(i * MAX_PIECE_BYTES, (i + 1) * MAX_PIECE_BYTES)
      this.#out.push({ seq: this.#nextSeq++, last: i === pieces - 1, data, sent: 0, sentAt: 0, there: false })
    }
    return true
  }

  /** A packet came. Its data are copied where they are kept. */
  receive(packet: OrderedPacket): void {
    this.#acknowledged(packet)
    if (packet.data.length === 0 && !packet.last) return
    this.#owesAck = true
    const { seq } = packet
    if (seq < this.#expected || seq >= this.#expected + WINDOW) return
    if (!this.#early.has(seq)) this.#early.set(seq, { ...packet, data: packet.data.slice() })
    for (let next = this.#early.get(this.#expected); next; next = this.#early.get(this.#expected)) {
      this.#early.delete(this.#expected++)
      this.#take(next)
    }
  }

  /** What to send at `now` (ms), at most `most` packets. `rttMs`: the round trip, null while it is not known. */
  due(now: number, rttMs: number | null, most: number): OrderedPacket[] {
    const again = 1.5 * (rttMs ?? FIRST_RTT_MS) + AGAIN_MS
    const packets: OrderedPacket[] = []
    for (let i = 0; i < WINDOW && packets.length < most; i++) {
      const piece = this.#out[i]
      if (!piece) break
      if (piece.there) continue
      if (piece.sent > 0 && now - piece.sentAt < Math.min(MAX_AGAIN_MS, again * 2 ** (piece.sent - 1))) continue
      piece.sent++
      piece.sentAt = now
      packets.push(this.#packet(piece))
    }
    if (packets.length === 0 && this.#owesAck && most > 0)
      packets.push(this.#packet({ seq: this.#nextSeq, last: false, data: new Uint8Array(0) }))
    if (packets.length > 0) this.#owesAck = false
    return packets
  }

  #packet({ seq, last, data }: Pick<Piece, 'seq' | 'last' | 'data'>): OrderedPacket {
    let early = 0
    for (const came of this.#early.keys()) early |= 1 << (came - this.#expected - 1)
    return { kind: 'ordered', seq, acked: this.#expected, early, last, data }
  }

  #acknowledged({ acked, early }: OrderedPacket): void {
    // What was never sent can't have come.
    if (acked > this.#nextSeq) return
    while (this.#out[0] && this.#out[0].seq < acked) this.#out.shift()
    let newestSentAt = Number.NEGATIVE_INFINITY
    for (let i = 0; early >>> i > 0; i++) {
      const piece = this.#out[acked + 1 + i - (this.#out[0]?.seq ?? 0)]
      if (((early >>> i) & 1) === 0 || !piece || piece.sent === 0) continue
      piece.there = true
      newestSentAt = Math.max(newestSentAt, piece.sentAt)
    }
    for (const piece of this.#out.slice(0, WINDOW))
      if (!piece.there && piece.sent > 0 && piece.sentAt < newestSentAt) piece.sentAt = Number.NEGATIVE_INFINITY
  }

  #take({ data, last }: OrderedPacket): void {
    this.#size += data.length
    if (this.#size <= MAX_ORDERED_BYTES) this.#parts.push(data)
    else this.#parts = []
    if (!last) return
    const message = this.#size <= MAX_ORDERED_BYTES ? concat(...this.#parts) : null
    this.#parts = []
    this.#size = 0
    if (message) this.deliver(message)
  }
}
