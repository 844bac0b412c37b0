/**
 * One direction of a TCP connection in the simulated world: everything arrives, in order, once; but late, and all behind a segment that
 * was lost waits for it. Where the bottleneck's queue is full the rest waits at the sender, as congestion control does it.
 */
import type { Clock, Timer } from '../../protocol/clock.js'
import type { Host } from './host.js'
import type { Path } from './path.js'

/** The retransmission timer, ms: this and two ways more; it doubles each time that nothing got through. */
const RETRANSMISSION_MS = 200
const MAX_RETRANSMISSION_MS = 10_000
/** Nothing got through for so long: the connection is given up, ms; sooner when its program has closed it already. */
const GIVE_UP_MS = 900_000
const GIVE_UP_CLOSED_MS = 60_000
/** What the systems of both ends hold of it before a sender's own buffer grows, bytes. */
const SYSTEM_BUFFERS = 128 * 1024
/** IP and TCP headers. */
const HEADERS = 40

/** So many segments that came behind a lost one have it sent again at once (RFC 5681, section 3.2; RFC 6675). */
const DUPLICATES = 3

interface Segment {
  readonly bytes: number
  readonly run: () => void
  state: 'waiting' | 'sent' | 'arrived'
  /** Later ones that arrived since it was lost. */
  behind: number
}

export interface StreamEnds {
  readonly path: Path
  /** Where it leads. */
  readonly to: Host
  /** Whether anything passes now, beside the path's own luck: no partition, nobody asleep. */
  readonly passes: () => boolean
  /** Nothing got through for too long. */
  readonly gaveUp: () => void
  /** What others overtake is sent again as soon as the sender hears of it, and not only after the timer. */
  readonly fastRetransmit?: boolean
}

export class VirtualStream {
  /** The program at the sending end has closed it. */
  closed = false
  readonly #clock: Clock
  readonly #ends: StreamEnds
  /** What has not arrived yet, in order. */
  readonly #segments: Segment[] = []
  #unread = 0
  #retry: Timer | null = null
  #retryMs = 0
  #failingSince = 0
  #room: Timer | null = null
  #dead = false

  constructor(clock: Clock, ends: StreamEnds) {
    this.#clock = clock
    this.#ends = ends
  }

  /** Bytes that the system at the sending end has not taken. */
  get bufferedAmount(): number {
    return Math.max(0, this.#unread - SYSTEM_BUFFERS)
  }

  /** `run` is called at the other end when that many bytes have come and its process reads them. */
  send(bytes: number, run: () => void): void {
    this.#unread += bytes
    if (this.#dead) return
    const segment: Segment = { bytes, run, state: 'waiting', behind: 0 }
    this.#segments.push(segment)
    if (this.#retry === null && this.#room === null) this.#transmit(segment)
    else if (this.#room === null && this.#goesOn()) this.#transmit(segment)
  }

  /** Drops what is on its way and sends only this. */
  reset(run: () => void): void {
    this.#segments.length = 0
    this.#stopTimers()
    this.closed = true
    this.send(0, run)
  }

  /** From now on nothing passes. */
  strand(): void {
    this.#dead = true
    this.#segments.length = 0
    this.#stopTimers()
  }

  /** Tries again now what waits for its retransmission. */
  hurry(): void {
    if (this.#retry !== null) this.#retransmit()
  }

  /** One was lost, and others follow it: those are sent all the same, unless nothing gets through at all. */
  #goesOn(): boolean {
    return this.#retryMs <= this.#firstRetryMs() && this.#isOpen()
  }

  #isOpen(): boolean {
    return this.#ends.passes() && !this.#ends.path.quality.down
  }

  #transmit(segment: Segment): void {
    const { path, passes } = this.#ends
    const bytes = segment.bytes + HEADERS
    if (!passes() || path.loses(bytes)) {
      segment.state = 'waiting'
      this.#lost()
      return
    }
    const room = path.roomInMs(bytes)
    if (room > 0) {
      segment.state = 'waiting'
      this.#room ??= this.#clock.setTimeout(() => {
        this.#room = null
        this.#transmitWaiting()
      }, room)
      return
    }
    segment.state = 'sent'
    this.#clock.setTimeout(() => this.#arrive(segment), path.segment(bytes))
  }

  #arrive(segment: Segment): void {
    if (this.#dead || segment.state !== 'sent') return
    // The cable was pulled while it was on its way.
    if (!this.#isOpen()) {
      segment.state = 'waiting'
      this.#lost()
      return
    }
    segment.state = 'arrived'
    if (this.#ends.fastRetransmit) this.#overtakes(segment)
    if (this.#segments[0] === segment) this.#retryMs = 0
    while (this.#segments[0]?.state === 'arrived') this.#read(this.#segments.shift()!)
  }

  /** Its acknowledgement tells the sender, one way later, what it has overtaken. */
  #overtakes(segment: Segment): void {
    for (const earlier of this.#segments) {
      if (earlier === segment) return
      if (earlier.state !== 'waiting' || ++earlier.behind !== DUPLICATES) continue
      this.#clock.setTimeout(() => {
        if (this.#dead || earlier.state !== 'waiting' || this.#room !== null) return
        earlier.behind = 0
        this.#transmit(earlier)
        if (this.#segments.some(({ state }) => state === 'waiting')) return
        this.#clock.clearTimeout(this.#retry)
        this.#retry = null
        this.#retryMs = 0
      }, this.#ends.path.quality.delayMs)
    }
  }

  #read(segment: Segment): void {
    const { to } = this.#ends
    const read = () => {
      this.#unread -= segment.bytes
      segment.run()
    }
    if (to.isRunning) read()
    else to.deliver(read, false)
  }

  #firstRetryMs(): number {
    return RETRANSMISSION_MS + 2 * this.#ends.path.quality.delayMs
  }

  /** Sets the retransmission timer, unless it is set. */
  #lost(): void {
    if (this.#retry !== null || this.#dead) return
    if (this.#retryMs === 0) this.#failingSince = this.#clock.now()
    this.#retryMs = Math.min(MAX_RETRANSMISSION_MS, this.#retryMs === 0 ? this.#firstRetryMs() : 2 * this.#retryMs)
    this.#retry = this.#clock.setTimeout(() => this.#retransmit(), this.#retryMs)
  }

  #retransmit(): void {
    this.#clock.clearTimeout(this.#retry)
    this.#retry = null
    if (this.#clock.now() - this.#failingSince > (this.closed ? GIVE_UP_CLOSED_MS : GIVE_UP_MS)) {
      this.strand()
      this.#ends.gaveUp()
    } else this.#transmitWaiting()
  }

  /** Those that wait, oldest first, until one finds no room, or the way shut. */
  #transmitWaiting(): void {
    for (const segment of this.#segments) {
      if (segment.state !== 'waiting') continue
      this.#transmit(segment)
      if (this.#room !== null || !this.#isOpen()) return
    }
  }

  #stopTimers(): void {
    this.#clock.clearTimeout(this.#retry)
    this.#clock.clearTimeout(this.#room)
    this.#retry = null
    this.#room = null
  }
}
