/** Two sealed sessions with the keys of one real handshake, joined by routes that a test can read, lose and hold back. */
import type { AudioStats } from '../../../peer/audio/audio.js'
import type { Coding } from '../../../peer/audio/codec.js'
import { Receiver } from '../../../peer/audio/receiver.js'
import { Ring } from '../../../peer/audio/ring.js'
import type { RouteKind } from '../../../peer/call/events.js'
import type { Sending } from '../../../peer/call/where-to-send.js'
import { Session, type SessionParts } from '../../../peer/session/session.js'
import type { CallKeys } from '../../../protocol/index.js'
import type { Negotiation } from '../../../protocol/negotiation.js'
import type { RouteWish } from '../../../protocol/packet.js'
import type { SealingOptions } from '../../../protocol/sealing.js'
import { callKeys } from '../../protocol/handshake/pair.js'
import { VirtualClock } from '../../virtual-clock.js'

export const onRelay: Sending = { voice: ['relay'], control: ['relay'], doubt: false }
export const onBoth: Sending = { voice: ['direct', 'relay'], control: ['direct', 'relay'], doubt: true }

/** One end of the pair. */
export class End {
  readonly captured = Ring.create()
  readonly playout = Ring.create()
  readonly reports: Parameters<SessionParts['report']>[0][] = []
  /** What the other end said about a direct connection. */
  readonly negotiated: Negotiation[] = []
  /** All that this end sent, by route. */
  readonly sent: { readonly route: RouteKind; readonly sealed: Uint8Array }[] = []
  /** How the recorder was asked to encode. */
  readonly codings: Coding[] = []
  readonly session: Session
  /** What the other end's status says of buffer and jitter. */
  stats = { jitterMs: 0, bufferMs: 0 }
  #said = 0

  constructor(
    keys: CallKeys,
    readonly clock: VirtualClock,
    /** By how much this end's clock is ahead, ms. */
    readonly ahead: number,
    carry: (route: RouteKind, sealed: Uint8Array) => void,
    wants: RouteWish,
    sealing?: SealingOptions,
    /** Frames that the recorder took before there were keys. */
    before = 0,
  ) {
    for (; this.#said < before; this.#said++) this.captured.push(this.#said, Uint8Array.of(0, this.#said, 7))
    const route = (kind: RouteKind) => ({
      kind,
      send: (sealed: Uint8Array) => {
        this.sent.push({ route: kind, sealed })
        carry(kind, sealed)
      },
    })
    this.session = new Session({
      keys,
      wants,
      audio: {
        captured: this.captured,
        stats: () => this.stats as AudioStats,
        setCoding: coding => this.codings.push(coding),
      },
      receiver: new Receiver(this.playout),
      routes: new Map([
        ['direct', route('direct')],
        ['relay', route('relay')],
      ]),
      now: () => clock.now() + ahead,
      report: event => this.reports.push(event),
      negotiated: message => this.negotiated.push(message),
      ...(sealing ? { sealing } : {}),
    })
  }

  /** The recorder takes `frames` times 20 ms; each holds its number, or nothing when `voice` is false. */
  speak(frames = 1, voice = true): void {
    for (let i = 0; i < frames; i++) {
      this.take(voice)
      this.clock.advance(20)
    }
  }

  /** One of them, just as time goes. */
  take(voice = true): void {
    const at = this.#said++
    this.captured.push(at, voice ? Uint8Array.of(at >>> 8, at & 255, 7) : new Uint8Array(0))
    this.session.captured()
  }

  /** Takes what waits for the player: the numbers of the frames, `pause` where voice stops. */
  hear(): (number | 'pause')[] {
    const heard: (number | 'pause')[] = []
    for (let entry = this.playout.pop(); entry; entry = this.playout.pop())
      heard.push(entry.payload.length === 0 ? 'pause' : (entry.payload[0]! << 8) | entry.payload[1]!)
    return heard
  }

  /** Takes the reports of one type. */
  takeReports<T extends End['reports'][number]['type']>(type: T): Extract<End['reports'][number], { type: T }>[] {
    const taken = this.reports.filter(
      (event): event is Extract<End['reports'][number], { type: T }> => event.type === type,
    )
    for (const event of taken) this.reports.splice(this.reports.indexOf(event), 1)
    return taken
  }

  /** Routes on which something was sent since the last time this was asked, in order. */
  takeRoutes(): RouteKind[] {
    return this.sent.splice(0).map(({ route }) => route)
  }
}

export interface PairOptions {
  /** One way, ms. */
  readonly delayMs?: number
  /** By how much b's clock is ahead of a's, ms. */
  readonly bAhead?: number
  readonly bWants?: RouteWish
  readonly sealing?: SealingOptions
  /** Frames that a said before there were keys. */
  readonly aSaid?: number
}

export class Pair {
  readonly clock = new VirtualClock(1_000)
  readonly a: End
  readonly b: End
  /** Both speak for `frames` times 20 ms. */
  speak(frames = 1): void {
    for (let i = 0; i < frames; i++) {
      this.a.take()
      this.b.speak()
    }
  }

  /** What becomes of something on its way; false: lost. */
  passes: (from: 'a' | 'b', route: RouteKind, sealed: Uint8Array) => boolean = () => true
  /** How much longer it takes, ms. */
  delayOf: (from: 'a' | 'b', route: RouteKind) => number = () => 0

  constructor({ delayMs = 0, bAhead = 0, bWants = 'auto', sealing, aSaid }: PairOptions = {}) {
    const keys = callKeys()
    const carry = (from: 'a' | 'b', to: () => End) => (route: RouteKind, sealed: Uint8Array) => {
      if (!this.passes(from, route, sealed)) return
      this.clock.setTimeout(() => to().session.receive(route, sealed), delayMs + this.delayOf(from, route))
    }
    this.a = new End(
      keys.a,
      this.clock,
      0,
      carry('a', () => this.b),
      'auto',
      sealing,
      aSaid,
    )
    this.b = new End(
      keys.b,
      this.clock,
      bAhead,
      carry('b', () => this.a),
      bWants,
      sealing,
    )
  }

  /** Both ends send on these routes; what comes of that is forgotten. */
  on(sending: Sending): this {
    for (const end of [this.a, this.b]) end.session.sendOn(sending)
    this.settle()
    for (const end of [this.a, this.b]) {
      end.sent.length = 0
      end.reports.length = 0
    }
    return this
  }

  /** Lets all arrive that is on its way. */
  settle(ms = 0): void {
    this.clock.advance(ms)
  }
}
