/**
 * The sealed session of one call: the transmitter's packets are sealed once and go on the routes of the moment; what comes on
 * any route is opened, credited to its route, and handed to the receiver. Keys, counters and windows belong to it, not to a route.
 */
import type { CallKeys } from '../../protocol/handshake/key-schedule.js'
import { decodeNegotiation, encodeNegotiation, type Negotiation } from '../../protocol/negotiation.js'
import { OrderedChannel } from '../../protocol/ordered-channel.js'
import type { ByeReason, Packet, ProbePacket, RouteWish, StatusPacket, VoicePacket } from '../../protocol/packet.js'
import { Opener, packetRoom, Sealer, type SealingOptions, type Stream } from '../../protocol/sealing.js'
import type { Audio } from '../audio/audio.js'
import type { Receiver } from '../audio/receiver.js'
import { Transmitter } from '../audio/transmitter.js'
import type { DirectEvent, RouteKind, SessionEvent } from '../call/events.js'
import type { Sending } from '../call/where-to-send.js'
import type { Route } from '../routes/route.js'
import { Lateness } from './lateness.js'
import { LossMeter } from './loss-meter.js'
import { Prober } from './prober.js'
import { Protection, type Report } from './protection.js'
import { Reception } from './reception.js'
import { RelayCheck } from './relay-check.js'
import { RoundTrip } from './round-trip.js'
import { type RouteFigures, RouteMeter } from './route-meter.js'

/** A status goes out with every so many-th 20 ms tick: each 500 ms. */
const STATUS_TICKS = 25
/** And with every so many-th while there is no voice to show that we are here: each 100 ms. */
const STATUS_TICKS_WITHOUT_VOICE = 5
/** Voice that waits this much longer than it was reported to is told of at once, ms; but not again within so many ticks. */
const LATER_MS = 60
const LATER_TICKS = 10
/** How often that is looked at. */
const LOOK_TICKS = 3
/** Pieces of negotiation that go out at once: the relay holds some back, and voice comes behind them. */
const PIECES_AT_ONCE = 2
/** What comes sends out what waits only so long after the last time, ms: a short round trip would make it a flood. */
const PUMP_APART_MS = 10
/** The round trip of a direct route may be longer than the relay's by this, ms. */
const SLOWER_MS = 100
/** The other side hears from us that we hear it, as long as something came within this, ms. */
const HEARS_MS = 400
/** What the other side says of that holds so long, ms: its statuses come each 500. */
const HEARS_US_MS = 1_200

export interface SessionParts {
  readonly keys: CallKeys
  readonly wants: RouteWish
  readonly audio: Pick<Audio, 'captured' | 'stats' | 'setCoding'>
  /** Outlives the session: the player plays on when keys are agreed anew. */
  readonly receiver: Receiver
  readonly routes: ReadonlyMap<RouteKind, Route>
  /** Milliseconds, never going back. */
  readonly now: () => number
  readonly report: (event: SessionEvent | Extract<DirectEvent, { type: 'direct.proved' }>) => void
  /** The other side says this about the direct connection that is being made. */
  readonly negotiated?: (message: Negotiation) => void
  readonly sealing?: SealingOptions
}

export interface SessionFigures {
  /** Round trip between the peers, ms; null until measured. */
  readonly rttMs: number | null
  /** Voice frames that never came here since the last look, %. */
  readonly lossPct: number
  /** The same of each route by itself. */
  readonly routes: Readonly<Record<RouteKind, RouteFigures>>
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
  readonly #reception = new Reception()
  readonly #protection = new Protection()
  readonly #shown = new LossMeter()
  readonly #meters: Readonly<Record<RouteKind, RouteMeter>> = { direct: new RouteMeter(), relay: new RouteMeter() }
  readonly #refused = new Map<string, number>()
  readonly #highest = new Map<string, number>()
  readonly #prober = new Prober()
  readonly #relayCheck = new RelayCheck()
  readonly #lateness = new Lateness()
  readonly #ordered: OrderedChannel
  #sending: Sending = { voice: [], control: [], doubt: false }
  #ticks = 0
  #muted = false
  #recording = false
  /** A status takes the place of the next packet. */
  #statusDue = false
  #reportedLate = 0
  /** What the other side said last of our voice. */
  #report: Report = { lost: 0, burst: 0, late: 0 }
  #reportedTick = 0
  #heardAt = Number.NEGATIVE_INFINITY
  /** When the other side said last that it hears us. */
  #hearsAt = Number.NEGATIVE_INFINITY
  /** Both sides allow the relay, as far as is known. */
  #mayRelay = false
  #peer = ''
  #newestStatus = -1
  #pumpedAt = Number.NEGATIVE_INFINITY
  #bytesUp = 0
  #bytesDown = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#sealer = new Sealer(parts.keys, parts.sealing)
    this.#opener = new Opener(parts.keys, parts.sealing)
    this.#transmitter = new Transmitter(parts.audio.captured, packets => this.#tick(packets))
    this.#transmitter.discard()
    this.#arrange()
    this.#ordered = new OrderedChannel(bytes => {
      const message = decodeNegotiation(bytes)
      if (message.ok) parts.negotiated?.(message.value)
      else this.#refuse(message.error.name)
    })
    parts.receiver.restart()
  }

  /** Where packets go from now on. The first time, and whenever it changes, the other side gets a status at once. */
  sendOn(sending: Sending): void {
    const before = this.#sending
    this.#sending = sending
    const { voice, control, doubt } = before
    const takesDirect = sending.voice.includes('direct') && !voice.includes('direct')
    if (takesDirect && this.#protection.begin(this.#parts.now())) this.#arrange()
    const changed = String(control) !== String(sending.control) || String(voice) !== String(sending.voice)
    if (doubt && !sending.doubt && voice.includes('direct')) this.#lateness.begin()
    if (changed || doubt !== sending.doubt) this.#sendStatus()
    this.#pump()
  }

  /** Brings this to the other side for certain, if it can be reached at all. False: far too much waits already. */
  negotiate(message: Negotiation): boolean {
    const taken = this.#ordered.send(encodeNegotiation(message))
    // On a direct route that is just being left it would be lost; the next tick knows better.
    if (this.#sending.control.includes('relay')) this.#pump()
    return taken
  }

  /** The direct connection `generation` has opened: probes go out until it is proved, or another is begun. */
  prove(generation: number): void {
    this.#prober.begin(generation)
    this.#lateness.begin()
    this.#probe()
  }

  setMuted(muted: boolean): void {
    if (muted === this.#muted) return
    this.#muted = muted
    if (muted) this.#transmitter.mute()
    this.#statusDue = true
  }

  /** Whether a recording of the call is kept here: the other side is told at once. */
  setRecording(recording: boolean): void {
    if (recording === this.#recording) return
    this.#recording = recording
    this.#statusDue = true
  }

  /** The recorder rang. */
  captured(): void {
    this.#transmitter.drain()
  }

  /** Says goodbye on every route, whichever carries the voice: this may be the last that we say. */
  bye(reason: ByeReason, answer: boolean): void {
    if (this.#sending.control.length > 0) this.#send({ kind: 'bye', reason, answer }, ['direct', 'relay'])
  }

  figures(): SessionFigures {
    return {
      rttMs: this.#roundTrip.ms,
      lossPct: this.#shown.take() / 10,
      routes: { direct: this.#meters.direct.take(), relay: this.#meters.relay.take() },
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
      refused: this.#refused,
    }
  }

  /** How much waits or is remembered, by what it is; all of it is bounded. */
  get backlog(): Readonly<Record<string, number>> {
    return {
      orderedWaiting: this.#ordered.waiting,
      orderedKept: this.#ordered.kept,
      problems: this.#refused.size,
      streams: this.#highest.size,
    }
  }

  /** Sealed bytes came on a route. What does not open changes nothing but a count. */
  receive(route: RouteKind, sealed: Uint8Array): void {
    this.#bytesDown += sealed.length
    const opened = this.#opener.open(sealed)
    if (!opened.ok) return this.#refuse(opened.error.name)
    const { packet, stream, fresh, order } = opened.value
    const [newest] = packet.kind === 'voice' ? packet.blocks : []
    if (newest) {
      const now = this.#parts.now()
      this.#lateness.note(route, newest.at, now, this.#sending.doubt)
      this.#reception.took(route, newest.at, now)
      this.#meters[route].note(order)
    }
    this.#credit(route, stream, order)
    if (!fresh) return
    if (packet.kind === 'voice') {
      this.#reception.note(order)
      this.#shown.note(order)
      this.#parts.receiver.accept(packet)
    } else this.#control(route, packet, order)
  }

  #measured(route: RouteKind, rttMs: number): void {
    this.#meters[route].measured(rttMs)
    if (route === 'relay') this.#relayCheck.carried(rttMs)
  }

  /**
   * Only what is newer than all before on its own route shows that the route lives; its twin on another may have come first. A direct
   * route that is late is no better than a silent one, where there is another that is not.
   */
  #credit(route: RouteKind, stream: Stream, order: number): void {
    const key = `${route} ${stream}`
    if (order <= (this.#highest.get(key) ?? -1)) return
    this.#highest.set(key, order)
    this.#heardAt = this.#parts.now()
    if (route === 'direct' && this.#isLate) return
    this.#parts.report({ type: 'peer.heard', route })
  }

  get #isLate(): boolean {
    if (!this.#lateness.isLate || !this.#mayRelay) return false
    return this.#sending.doubt || this.#relayCheck.isQuick(this.#parts.now())
  }

  #control(route: RouteKind, packet: Exclude<Packet, { kind: 'voice' }>, order: number): void {
    switch (packet.kind) {
      case 'status': {
        // One that was overtaken says what is no longer so.
        if (order < this.#newestStatus) return
        this.#newestStatus = order
        if (packet.hears) this.#hearsAt = this.#parts.now()
        this.#roundTrip.note(packet, this.#parts.now())
        this.#report = packet
        this.#protect(this.#reception.late(this.#parts.now()))
        if (this.#sending.control.length === 1 && this.#roundTrip.ms !== null) this.#measured(route, this.#roundTrip.ms)
        const { muted, doubt, recording, wants } = packet
        const peer = `${muted} ${doubt} ${recording} ${wants}`
        if (peer === this.#peer) return
        this.#peer = peer
        this.#mayRelay = this.#parts.wants !== 'direct' && wants !== 'direct'
        if (muted) this.#parts.receiver.pause()
        this.#parts.report({ type: 'peer.status', muted, doubt, recording, wants })
        return
      }
      case 'bye':
        return this.#parts.report({ type: 'peer.bye', reason: packet.reason, answer: packet.answer })
      case 'probe':
        if (!packet.answer) this.#send({ ...packet, answer: true }, [route])
        else this.#answered(route, packet)
        return
      case 'ordered':
        this.#ordered.receive(packet)
        if (this.#parts.now() - this.#pumpedAt >= PUMP_APART_MS) this.#pump()
    }
  }

  #answered(route: RouteKind, probe: ProbePacket): void {
    const now = this.#parts.now()
    if (route === 'relay') {
      const ms = this.#relayCheck.answered(probe, now, this.#lateness.isLate || this.#protection.plan.together > 1)
      if (ms !== null) this.#meters.relay.measured(ms)
    } else if (this.#prober.answered(probe, now, this.#provesWithinMs))
      this.#parts.report({ type: 'direct.proved', generation: probe.generation })
  }

  /** Where there is a relay, a direct route that is much slower proves nothing, ms. */
  get #provesWithinMs(): number {
    const { ms } = this.#roundTrip
    return this.#mayRelay && ms !== null ? ms + SLOWER_MS : Number.POSITIVE_INFINITY
  }

  #refuse(name: string): void {
    this.#refused.set(name, (this.#refused.get(name) ?? 0) + 1)
  }

  /**
   * Each 20 ms; null: this moment comes with a later packet. While muted, status packets take the place of voice, and the others come
   * as ever: nobody outside can tell.
   */
  #tick(packets: readonly VoicePacket[] | null): void {
    this.#ticks++
    const silent = this.#sending.voice.length === 0
    if (packets && !silent) this.#sendVoice(packets)
    const each = silent ? STATUS_TICKS_WITHOUT_VOICE : STATUS_TICKS
    if (this.#ticks % each === 0) this.#sendStatus()
    this.#probe()
    this.#pump()
  }

  #sendVoice(packets: readonly VoicePacket[]): void {
    const on = this.#voiceRoutes
    const instead = this.#statusDue || packets.length === 0
    if (instead) this.#send(this.#status(), on)
    for (const packet of packets.slice(instead ? 1 : 0)) this.#send(packet, on)
    // Not before: these packets were made for the frames of the plan so far.
    this.#lookAtDelay()
  }

  /** Twice as much on a link that is too narrow already is no help, unless the relay has another one, or the other side hears nothing. */
  get #voiceRoutes(): readonly RouteKind[] {
    const { voice } = this.#sending
    return this.#spares ? voice.slice(0, 1) : voice
  }

  get #spares(): boolean {
    if (this.#sending.voice.length < 2 || this.#protection.plan.together === 1) return false
    const now = this.#parts.now()
    return now - this.#hearsAt < HEARS_US_MS && !this.#relayCheck.isQuick(now)
  }

  /** The other side can do something against a queue only when it knows of it. */
  #lookAtDelay(): void {
    if (this.#ticks % LOOK_TICKS !== 0) return
    const late = this.#reception.late(this.#parts.now())
    if (late >= LATER_MS) this.#protect(late)
    if (this.#ticks - this.#reportedTick >= LATER_TICKS && late >= this.#reportedLate + LATER_MS) this.#statusDue = true
  }

  /** What comes late here has most often a link to blame that is as narrow the other way, and its report is long under way. */
  #protect(late: number): void {
    const { lost, burst, late: theirs } = this.#report
    if (this.#protection.heard({ lost, burst, late: Math.max(theirs, late) }, this.#parts.now())) this.#arrange()
  }

  /** Sends by the plan of the moment. */
  #arrange(): void {
    const { size, together, repeats, bitrate, expectedLoss } = this.#protection.plan
    this.#transmitter.pack({ together, repeats, room: packetRoom(size) })
    this.#parts.audio.setCoding({ bitrate, expectedLoss })
  }

  #probe(): void {
    const now = this.#parts.now()
    const probe = this.#prober.next(now)
    if (probe) this.#send(probe, ['direct'])
    const spares = this.#spares
    const relayIsIdle = this.#mayRelay && (spares || String(this.#sending.control) === 'direct')
    const idle = relayIsIdle ? this.#relayCheck.next(now, spares || this.#lateness.isLate) : null
    if (idle) this.#send(idle, ['relay'])
  }

  /** What the other side must get for certain and has not acknowledged, and what we have to acknowledge. */
  #pump(): void {
    if (this.#sending.control.length === 0) return
    this.#pumpedAt = this.#parts.now()
    for (const packet of this.#ordered.due(this.#parts.now(), this.#roundTrip.ms, PIECES_AT_ONCE))
      this.#send(packet, this.#sending.control)
  }

  #sendStatus(): void {
    this.#send(this.#status(), this.#sending.control)
  }

  #status(): StatusPacket {
    const now = this.#parts.now()
    const { jitterMs, bufferMs } = this.#parts.audio.stats()
    const { lost, burst } = this.#reception.losses()
    const late = this.#reception.late(now)
    this.#statusDue = false
    this.#reportedLate = late
    this.#reportedTick = this.#ticks
    return {
      kind: 'status',
      muted: this.#muted,
      doubt: this.#sending.doubt,
      hears: now - this.#heardAt < HEARS_MS,
      recording: this.#recording,
      wants: this.#parts.wants,
      ...this.#roundTrip.stamp(now),
      jitter: jitterMs,
      buffer: bufferMs,
      lost,
      burst: 10 * burst,
      late,
    }
  }

  #send(packet: Packet, on: readonly RouteKind[]): void {
    if (on.length === 0) return
    const sealed = this.#sealer.seal(packet, this.#protection.plan.size)
    for (const kind of on) {
      const route = this.#parts.routes.get(kind)
      if (!route) continue
      this.#bytesUp += sealed.length
      route.send(sealed)
    }
  }
}
