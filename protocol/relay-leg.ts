/**
 * A relay leg: one websocket's binary messages, both ways, between a peer and the server. A websocket hides its queue
 * (a stalled one takes minutes of voice before anyone can tell), so each receiver acknowledges what it has seen, and
 * each sender keeps little unacknowledged and drops what has grown old. Fresh beats complete.
 *
 *   frame            01  seq u32  payload (1 to 1200 bytes)
 *   acknowledgement  02  seq u32            the highest seq seen
 *
 * seq is big-endian, counts one sender's frames from 0 in the order sent, and wraps at 2^32. A receiver acknowledges when
 * 5 frames came since its last acknowledgement, or a frame comes 100 ms or more after it; so the frame named by an
 * acknowledgement is the one that caused it, and its round trip holds no waiting.
 *
 * A peer that lies harms itself: acknowledgements open the window towards the liar only, by at most 60 frames, and the
 * owner of the socket bounds what the socket may buffer; acknowledging too little or too late only ages the liar's own
 * voice. No timers: all happens when something is sent or received.
 */
import { fail, ok, type Result } from './result.js'

const FRAME = 1
const ACK = 2
/** Bytes in front of a frame's payload. */
export const LEG_HEADER_BYTES = 5
/** The longest payload, bytes. */
export const MAX_LEG_PAYLOAD = 1200

const ACK_FRAMES = 5
const ACK_MS = 100
const FRAME_MS = 20
const FIRST_RTT_MS = 500
const MAX_RTT_MS = 1000
const RTT_WINDOW_MS = 30_000
/** Sent and unacknowledged: at most one round trip and this. */
const SLACK_MS = 200
const MIN_WINDOW = 10
const MAX_QUEUE = 10
const STALE_MS = 200
/** What nobody acknowledged for so long counts as lost: a relay that loses acknowledgements stops nobody for good. */
const LOST_MS = 2000
/** Power of two above the largest window, (1000 + 200) / 20 = 60 frames. */
const RING = 64

/** Why a frame was dropped. `queueFull`: newer ones waited. `stale`: over 200 ms old at its turn. `cleared`: its call ended. */
export type LegDrop = 'queueFull' | 'stale' | 'cleared'

export interface LegFigures {
  /** Smallest round trip of the last 30 to 60 s, ms, at most 1000; 500 until one was measured. */
  readonly rttMs: number
  /** Frames, totals. */
  readonly sent: number
  readonly received: number
  readonly acknowledged: number
  /** Frames that wait now. */
  readonly queued: number
  readonly dropped: Readonly<Record<LegDrop, number>>
}

export interface LegOptions {
  /** Milliseconds since some fixed moment. */
  readonly now: () => number
  /** Puts one message on the socket. The leg does not touch `bytes` afterwards. */
  readonly transmit: (bytes: Uint8Array) => void
  /** A frame came. `payload` is a view into what was received. */
  readonly deliver?: (payload: Uint8Array) => void
  /** Instead of `deliver`: gets the whole message and the time, for another leg's `forward`. Saves the relay an allocation and a look at the clock. */
  readonly deliverWhole?: (message: Uint8Array, now: number) => void
  /** A frame is on the socket, with so many bytes of payload; `waitedMs`: 0 unless it had to wait in the queue. */
  readonly sent?: (payloadBytes: number, waitedMs: number) => void
  readonly dropped?: (why: LegDrop) => void
  /** The first seq to send, 0 unless given: lets a test come near the wrap. */
  readonly firstSeq?: number
}

export class RelayLeg {
  readonly #options: LegOptions
  // sender
  #nextSeq: number
  #inFlight = 0
  #sent = 0
  #acknowledged = 0
  readonly #sentAt = new Float64Array(RING)
  readonly #queue: { readonly message: Uint8Array; readonly at: number }[] = []
  readonly #dropped: Record<LegDrop, number> = { queueFull: 0, stale: 0, cleared: 0 }
  #window = windowOf(FIRST_RTT_MS)
  #rtt = FIRST_RTT_MS
  #rttNow = Number.POSITIVE_INFINITY
  #rttBefore = Number.POSITIVE_INFINITY
  #rttWindowAt = Number.NaN
  // receiver
  #received = 0
  #highest = 0
  #unanswered = 0
  #answeredAt = Number.NEGATIVE_INFINITY

  constructor(options: LegOptions) {
    this.#options = options
    this.#nextSeq = (options.firstSeq ?? 0) >>> 0
  }

  get figures(): LegFigures {
    return {
      rttMs: this.#rtt,
      sent: this.#sent,
      received: this.#received,
      acknowledged: this.#acknowledged,
      queued: this.#queue.length,
      dropped: { ...this.#dropped },
    }
  }

  /** Whether the last `count` frames, at most 64, were all sent within the last `ms`. */
  sentWithin(ms: number, count: number): boolean {
    if (this.#sent < count) return false
    return this.#options.now() - this.#sentAt[(this.#nextSeq - count) & (RING - 1)]! <= ms
  }

  /** Sends a payload of 1 to 1200 bytes, now or when its turn comes. Throws a RangeError on another length. */
  send(payload: Uint8Array): void {
    const message = new Uint8Array(LEG_HEADER_BYTES + payload.length)
    message.set(payload, LEG_HEADER_BYTES)
    message[0] = FRAME
    this.forward(message)
  }

  /** Sends a frame that another leg received whole. Its bytes now belong to this leg, which writes its own seq into them. */
  forward(message: Uint8Array, now = this.#options.now()): void {
    if (message[0] !== FRAME || !frameFits(message)) throw new RangeError('a payload has 1 to 1200 bytes')
    if (this.#inFlight >= this.#window && now - this.#sentAt[(this.#nextSeq - 1) % RING]! > LOST_MS) this.#inFlight = 0
    if (this.#queue.length === 0 && this.#inFlight < this.#window) {
      this.#transmit(message, now, 0)
      return
    }
    this.#queue.push({ message, at: now })
    this.#flush(now)
    if (this.#queue.length > MAX_QUEUE) {
      this.#queue.shift()
      this.#drop('queueFull')
    }
  }

  /** Drops what waits, when the call that it belonged to is over. */
  clear(): void {
    for (let n = this.#queue.length; n > 0; n--) this.#drop('cleared')
    this.#queue.length = 0
  }

  /** Takes one binary message from the socket. */
  receive(message: Uint8Array, now = this.#options.now()): Result<void, 'badLegMessage'> {
    switch (message[0]) {
      case FRAME:
        if (!frameFits(message)) return bad('a frame has a payload of 1 to 1200 bytes')
        this.#receiveFrame(message, now)
        return DONE
      case ACK:
        if (message.length !== LEG_HEADER_BYTES) return bad('an acknowledgement has 5 bytes')
        return this.#receiveAck(readSeq(message), now)
      default:
        return bad('unknown kind')
    }
  }

  #receiveFrame(message: Uint8Array, now: number): void {
    const seq = readSeq(message)
    if (this.#received === 0 || ((seq - this.#highest) | 0) > 0) this.#highest = seq
    this.#received++
    this.#unanswered++
    if (this.#unanswered >= ACK_FRAMES || now - this.#answeredAt >= ACK_MS) {
      this.#unanswered = 0
      this.#answeredAt = now
      const ack = new Uint8Array(LEG_HEADER_BYTES)
      ack[0] = ACK
      writeSeq(ack, this.#highest)
      this.#options.transmit(ack)
    }
    if (this.#options.deliverWhole) this.#options.deliverWhole(message, now)
    else this.#options.deliver?.(message.subarray(LEG_HEADER_BYTES))
  }

  #receiveAck(seq: number, now: number): Result<void, 'badLegMessage'> {
    const behind = (this.#nextSeq - 1 - seq) >>> 0 // 0: the newest sent
    if (behind >= this.#sent) return bad('acknowledges what was never sent')
    if (behind >= this.#inFlight) return DONE // an older one, said again: changes nothing
    this.#measure(now - this.#sentAt[seq % RING]!, now)
    this.#acknowledged += this.#inFlight - behind
    this.#inFlight = behind
    this.#flush(now)
    return DONE
  }

  /** The minimum over two windows, one filling and one full: a queue on the way makes it no larger. */
  #measure(rtt: number, now: number): void {
    if (Number.isNaN(this.#rttWindowAt)) this.#rttWindowAt = now
    if (now - this.#rttWindowAt >= RTT_WINDOW_MS) {
      this.#rttBefore = this.#rttNow
      this.#rttNow = Number.POSITIVE_INFINITY
      this.#rttWindowAt = now
    }
    if (rtt < this.#rttNow) this.#rttNow = rtt
    this.#rtt = Math.min(this.#rttNow, this.#rttBefore, MAX_RTT_MS)
    this.#window = windowOf(this.#rtt)
  }

  #flush(now: number): void {
    while (this.#queue.length > 0 && this.#inFlight < this.#window) {
      const { message, at } = this.#queue.shift()!
      if (now - at > STALE_MS) this.#drop('stale')
      else this.#transmit(message, now, now - at)
    }
  }

  #transmit(message: Uint8Array, now: number, waitedMs: number): void {
    const seq = this.#nextSeq
    writeSeq(message, seq)
    this.#sentAt[seq % RING] = now
    this.#nextSeq = (seq + 1) >>> 0
    this.#inFlight++
    this.#sent++
    this.#options.transmit(message)
    this.#options.sent?.(message.length - LEG_HEADER_BYTES, waitedMs)
  }

  #drop(why: LegDrop): void {
    this.#dropped[why]++
    this.#options.dropped?.(why)
  }
}

const DONE = ok(undefined)

/** Frames that may be unacknowledged: a round trip and 200 ms of voice, at least 10. */
function windowOf(rttMs: number): number {
  return Math.max(MIN_WINDOW, Math.ceil((rttMs + SLACK_MS) / FRAME_MS))
}

function frameFits(message: Uint8Array): boolean {
  return message.length > LEG_HEADER_BYTES && message.length <= LEG_HEADER_BYTES + MAX_LEG_PAYLOAD
}

function readSeq(message: Uint8Array): number {
  return ((message[1]! << 24) | (message[2]! << 16) | (message[3]! << 8) | message[4]!) >>> 0
}

function writeSeq(message: Uint8Array, seq: number): void {
  message[1] = seq >>> 24
  message[2] = seq >>> 16
  message[3] = seq >>> 8
  message[4] = seq
}

function bad(what: string) {
  return fail('badLegMessage', `Not a message of a relay leg: ${what}.`)
}
