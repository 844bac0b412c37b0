/**
 * The sealed session of one call: the transmitter's packets are sealed once and go on the routes of the moment; what comes on
 * any route is opened, credited to its route, and handed to the receiver. Keys, counters and windows belong to it, not to a route.
 */
import type { CallKeys } from '../../protocol/handshake/key-schedule.js'
import type { ByeReason, Packet, RouteWish, StatusPacket } from '../../protocol/packet.js'
import { Opener, Sealer, type SealingOptions, type Stream } from '../../protocol/sealing.js'
import type { Audio } from '../audio/audio.js'
import type { Receiver } from '../audio/receiver.js'
import { Transmitter } from '../audio/transmitter.js'
import type { RouteKind, SessionEvent } from '../call/events.js'
import type { Sending } from '../call/where-to-send.js'
import type { Route } from '../routes/route.js'
import { LossMeter } from './loss-meter.js'
import { RoundTrip } from './round-trip.js'

/** A status goes out with every so many-th 20 ms tick: each 500 ms. */
const STATUS_TICKS = 25
/** The other side hears from us that we hear it, as long as something came within this, ms. */
const HEARS_MS = 400

export interface SessionParts {
  readonly keys: CallKeys
  readonly wants: RouteWish
  readonly audio: Pick<Audio, 'captured' | 'stats'>
  /** Outlives the session: the player plays on when keys are agreed anew. */
  readonly receiver: Receiver
  readonly routes: ReadonlyMap<RouteKind, Route>
  /** Milliseconds, never going back. */
  readonly now: () => number
  readonly report: (event: SessionEvent) => void
  readonly sealing?: SealingOptions
}

export interface SessionFigures {
  /** Round trip between the peers, ms; null until measured. */
  readonly rttMs: number | null
  /** Voice frames that never came here since the last look, %. */
  readonly lossPct: number
  /** Sealed bytes so far, without the routes' own overhead. */
  readonly bytesUp: number
  readonly bytesDown: number
  /** Frames that were not what they should be, by name. */
  readonly refused: ReadonlyMap<string, number>
}

export class Session {
  readonly #parts: SessionParts
  readonly #sealer: Sealer
  readonly #opener: Opener
  readonly #transmitter: Transmitter
  readonly #roundTrip = new RoundTrip()
  readonly #reported = new LossMeter()
  readonly #shown = new LossMeter()
  readonly #refused = new Map<string, number>()
  readonly #highest = new Map<string, number>()
  #sending: Sending = { voice: [], control: [] }
  #ticks = 0
  #muted = false
  #heardAt = Number.NEGATIVE_INFINITY
  #peer = ''
  #newestStatus = -1
  #bytesUp = 0
  #bytesDown = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#sealer = new Sealer(parts.keys, parts.sealing)
    this.#opener = new Opener(parts.keys, parts.sealing)
    this.#transmitter = new Transmitter(parts.audio.captured, packet => this.#tick(packet))
    this.#transmitter.discard()
    parts.receiver.restart()
  }

  /** Where packets go from now on. The first time, and whenever it changes, the other side gets a status at once. */
  sendOn(sending: Sending): void {
    const before = this.#sending
    this.#sending = sending
    if (String(before.control) !== String(sending.control) || String(before.voice) !== String(sending.voice))
      this.#sendStatus()
  }

  setMuted(muted: boolean): void {
    if (muted === this.#muted) return
    this.#muted = muted
    this.#sendStatus()
  }

  /** The recorder rang. */
  captured(): void {
    this.#transmitter.drain()
  }

  bye(reason: ByeReason, answer: boolean): void {
    this.#send({ kind: 'bye', reason, answer }, this.#sending.control)
  }

  figures(): SessionFigures {
    return {
      rttMs: this.#roundTrip.ms,
      lossPct: this.#shown.take() / 10,
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
      refused: this.#refused,
    }
  }

  /** Sealed bytes came on a route. What does not open changes nothing but a count. */
  receive(route: RouteKind, sealed: Uint8Array): void {
    this.#bytesDown += sealed.length
    const opened = this.#opener.open(sealed)
    if (!opened.ok) {
      this.#refused.set(opened.error.name, (this.#refused.get(opened.error.name) ?? 0) + 1)
      return
    }
    const { packet, stream, fresh, order } = opened.value
    this.#credit(route, stream, order)
    if (!fresh) return
    if (packet.kind === 'voice') {
      this.#reported.note(order)
      this.#shown.note(order)
      this.#parts.receiver.accept(packet)
    } else this.#control(route, packet, order)
  }

  /** Only what is newer than all before on its own route shows that the route lives; its twin on another may have come first. */
  #credit(route: RouteKind, stream: Stream, order: number): void {
    const key = `${route} ${stream}`
    if (order <= (this.#highest.get(key) ?? -1)) return
    this.#highest.set(key, order)
    this.#heardAt = this.#parts.now()
    this.#parts.report({ type: 'peer.heard', route })
  }

  #control(route: RouteKind, packet: Exclude<Packet, { kind: 'voice' }>, order: number): void {
    switch (packet.kind) {
      case 'status': {
        // One that was overtaken says what is no longer so.
        if (order < this.#newestStatus) return
        this.#newestStatus = order
        this.#roundTrip.note(packet, this.#parts.now())
        const { muted, doubt, wants } = packet
        const peer = `${muted} ${doubt} ${wants}`
        if (peer === this.#peer) return
        this.#peer = peer
        if (muted) this.#parts.receiver.pause()
        this.#parts.report({ type: 'peer.status', muted, doubt, wants })
        return
      }
      case 'bye':
        return this.#parts.report({ type: 'peer.bye', reason: packet.reason, answer: packet.answer })
      case 'probe':
        if (!packet.answer) this.#send({ ...packet, answer: true }, [route])
    }
  }

  /** Each 20 ms. While muted, status packets take the place of voice: nobody outside can tell. */
  #tick(voice: Packet | null): void {
    this.#ticks++
    this.#send(voice ?? this.#status(), this.#sending.voice)
    const saidNothing = voice !== null || this.#sending.voice.length === 0
    if (saidNothing && this.#ticks % STATUS_TICKS === 0) this.#sendStatus()
  }

  #sendStatus(): void {
    this.#send(this.#status(), this.#sending.control)
  }

  #status(): StatusPacket {
    const now = this.#parts.now()
    const { jitterMs, bufferMs } = this.#parts.audio.stats()
    return {
      kind: 'status',
      muted: this.#muted,
      doubt: this.#sending.voice.length > 1,
      hears: now - this.#heardAt < HEARS_MS,
      wants: this.#parts.wants,
      ...this.#roundTrip.stamp(now),
      lost: this.#ticks % STATUS_TICKS === 0 ? this.#reported.take() : 0,
      jitter: jitterMs,
      buffer: bufferMs,
    }
  }

  #send(packet: Packet, on: readonly RouteKind[]): void {
    if (on.length === 0) return
    const sealed = this.#sealer.seal(packet)
    for (const kind of on) {
      const route = this.#parts.routes.get(kind)
      if (!route) continue
      this.#bytesUp += sealed.length
      route.send(sealed)
    }
  }
}
