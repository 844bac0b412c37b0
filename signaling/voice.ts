import type { Clock } from '../protocol/clock.js'
import { type LegDrop, RelayLeg } from '../protocol/relay-leg.js'
import type { Result } from '../protocol/result.js'
import type { Limits } from './limits.js'
import { TokenBucket } from './token-bucket.js'

export interface VoiceParts {
  readonly clock: Clock
  readonly limits: Pick<Limits, 'framesPerSecond' | 'frameBurst' | 'frameBytesPerSecond' | 'frameBytesBurst'>
  readonly transmit: (message: Uint8Array) => void
  /** A frame came, whole. */
  readonly deliver: (message: Uint8Array, now: number) => void
  /** A frame is on the socket, with so many bytes of payload, after it had to wait for so long. */
  readonly sent: (payloadBytes: number, waitedMs: number) => void
  readonly dropped: (why: LegDrop) => void
}

/** Voice is 17 frames a second at the least; what checks a relay that carries none is far less. */
const VOICE_FRAMES = 8

/** What carries a connection's voice, and how much of it may come. */
export class Voice {
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  readonly #leg: RelayLeg

  constructor({ clock, limits, transmit, deliver, sent, dropped }: VoiceParts) {
    this.#frames = new TokenBucket(limits.framesPerSecond, limits.frameBurst)
    this.#bytes = new TokenBucket(limits.frameBytesPerSecond, limits.frameBytesBurst)
    this.#leg = new RelayLeg({ now: () => clock.now(), transmit, deliverWhole: deliver, sent, dropped })
  }

  /** Frames that wait to be sent. */
  get queued(): number {
    return this.#leg.figures.queued
  }

  /** Whether voice goes to the other end now. */
  get flows(): boolean {
    return this.#leg.sentPerSecond >= VOICE_FRAMES
  }

  /** Whether a message of so many bytes is within what a call sends. */
  mayCome(bytes: number, now: number): boolean {
    return this.#frames.take(now) && this.#bytes.take(now, bytes)
  }

  receive(message: Uint8Array, now: number): Result<void, 'badLegMessage'> {
    return this.#leg.receive(message, now)
  }

  /** Sends a frame that came whole from elsewhere; its bytes may be overwritten. */
  forward(message: Uint8Array, now: number): void {
    this.#leg.forward(message, now)
  }

  /** Drops what waits. */
  clear(): void {
    this.#leg.clear()
  }
}
