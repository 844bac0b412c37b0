/**
 * A relay leg: one websocket's binary messages, both ways, between a peer and the server. A websocket hides its queue
 * (a stalled one takes minutes of voice before anyone can tell), so each receiver acknowledges what it has seen, and
 * each sender keeps little unacknowledged and drops what has grown old. Fresh beats complete.
 *
 *   frame            01  seq u32  ack u32  payload (1 to 1200 bytes)
 *   acknowledgement  02  ack u32
 *
 * seq is big-endian, counts one sender's frames from 0 in the order sent, and wraps at 2^32. ack is the highest seq seen,
 * 2^32 - 1 before the first. Voice goes both ways, so acknowledgements ride on frames and cost next to nothing; alone they go
 * when 5 frames came since this side said anything, or one comes 100 ms or more after that.
 *
 * A peer that lies harms itself: acknowledgements open the window towards the liar only, by at most 60 frames, and the
 * owner of the socket bounds what the socket may buffer; acknowledging too little or too late only ages the liar's own
 * voice. No timers: all happens when something is sent or received.
 */
import { fail, ok, type Result } from './result.js'

const FRAME = 1
const ACK = 2
const SEQ_AT = 1
const ACK_AT = 5
/** Bytes in front of a frame's payload. */
export const LEG_HEADER_BYTES = 9
/** Bytes of an acknowledgement that goes alone. */
export const LEG_ACK_BYTES = 5
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
/** How many frames were sent is counted in pieces of this long, ms. */
const RATE_MS = 1000

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
  /** The first seq of both ends, 0 unless given: lets a test come near the wrap. */
  readonly firstSeq?: number
}

export class RelayLeg {
  readonly #options: LegOptions
  // sender
  #nextSeq: number
  #inFlight = 0
  #sent = 0
  #acknowledged = 0
  #sentAt = Number.NEGATIVE_INFINITY
  /** One frame at a time is timed, from its sending until it is acknowledged. */
  #timedSeq = 0
  #timedAt = Number.NaN
  /** Frames sent in the running piece of time, and in the one before it. */
  #rateAt = Number.NEGATIVE_INFINITY
  #rateNow = 0
  #rateBefore = 0
  readonly #queue: { readonly message: Uint8Array; readonly at: number }[] = []
  readonly #dropped: Record<LegDrop, number> = { queueFull: 0, stale: 0, cleared: 0 }
  #window = windowOf(FIRST_RTT_MS)
  #rtt = FIRST_RTT_MS
  #rttNow = Number.POSITIVE_INFINITY
  #rttBefore = Number.POSITIVE_INFINITY
  #rttWindowAt = Number.NaN
  // receiver
  #received = 0
  #highest: number
  #unanswered = 0
  #answeredAt = Number.NEGATIVE_INFINITY

  constructor(options: LegOptions) {
    this.#options = options
    this.#nextSeq = (options.firstSeq ?? 0) >>> 0
    this.#highest = (this.#nextSeq - 1) >>> 0
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

  /** How many frames were sent in a second of late: between the last full second and now, the one with more. */
  get sentPerSecond(): number {
    const elapsed = this.#options.now() - this.#rateAt
    if (elapsed >= 2 * RATE_MS) return 0
    return elapsed >= RATE_MS ? this.#rateNow : Math.max(this.#rateNow, this.#rateBefore)
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
    if (this.#inFlight >= this.#window && now - this.#sentAt > LOST_MS) {
      this.#inFlight = 0
      this.#timedAt = Number.NaN
    }
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
      case FRAME: {
        if (!frameFits(message)) return bad('a frame has a payload of 1 to 1200 bytes')
        const result = this.#receiveAck(readU32(message, ACK_AT), now)
        if (result.ok) this.#receiveFrame(message, now)
        return result
      }
      case ACK:
        if (message.length !== LEG_ACK_BYTES) return bad('an acknowledgement has 5 bytes')
        return this.#receiveAck(readU32(message, SEQ_AT), now)
      default:
        return bad('unknown kind')
    }
  }

  #receiveFrame(message: Uint8Array, now: number): void {
    const seq = readU32(message, SEQ_AT)
    if (this.#received === 0 || ((seq - this.#highest) | 0) > 0) this.#highest = seq
    this.#received++
    this.#unanswered++
    if (this.#unanswered >= ACK_FRAMES || now - this.#answeredAt >= ACK_MS) this.#acknowledge(now)
    if (this.#options.deliverWhole) this.#options.deliverWhole(message, now)
    else this.#options.deliver?.(message.subarray(LEG_HEADER_BYTES))
  }

  #acknowledge(now: number): void {
    this.#answered(now)
    const ack = new Uint8Array(LEG_ACK_BYTES)
    ack[0] = ACK
    writeU32(ack, SEQ_AT, this.#highest)
    this.#options.transmit(ack)
  }

  #answered(now: number): void {
    this.#unanswered = 0
    this.#answeredAt = now
  }

  #receiveAck(seq: number, now: number): Result<void, 'badLegMessage'> {
    const behind = (this.#nextSeq - 1 - seq) >>> 0 // 0: the newest sent; as many as were sent: none was seen
    if (behind > this.#sent) return bad('acknowledges what was never sent')
    if (behind >= this.#inFlight) return DONE // an older one, said again: changes nothing
    if (((seq - this.#timedSeq) | 0) >= 0) this.#measure(now)
    this.#acknowledged += this.#inFlight - behind
    this.#inFlight = behind
    if (this.#queue.length > 0) this.#flush(now)
    return DONE
  }

  /** The minimum over two windows, one filling and one full: a queue on the way makes it no larger. */
  #measure(now: number): void {
    const rtt = now - this.#timedAt
    if (Number.isNaN(rtt)) return
    this.#timedAt = Number.NaN
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
    writeU32(message, SEQ_AT, seq)
    writeU32(message, ACK_AT, this.#highest)
    this.#answered(now)
    if (Number.isNaN(this.#timedAt)) {
      this.#timedSeq = seq
      this.#timedAt = now
    }
    this.#count(now)
    this.#sentAt = now
    this.#nextSeq = (seq + 1) >>> 0
    this.#inFlight++
    this.#sent++
    this.#options.transmit(message)
    this.#options.sent?.(message.length - LEG_HEADER_BYTES, waitedMs)
  }

  #count(now: number): void {
    const elapsed = now - this.#rateAt
    if (elapsed >= RATE_MS) {
      this.#rateBefore = elapsed < 2 * RATE_MS ? this.#rateNow : 0
      this.#rateNow = 0
      this.#rateAt = now
    }
    this.#rateNow++
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

function readU32(message: Uint8Array, at: number): number {
  return ((message[at]! << 24) | (message[at + 1]! << 16) | (message[at + 2]! << 8) | message[at + 3]!) >>> 0
}

function writeU32(message: Uint8Array, at: number, value: number): void {
  message[at] = value >>> 24
  message[at + 1] = value >>> 16
  message[at + 2] = value >>> 8
  message[at + 3] = value
}

function bad(what: string) {
  return fail('badLegMessage', `Not a message of a relay leg: ${what}.`)
}
