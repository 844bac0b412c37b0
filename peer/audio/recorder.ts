/**
 * The recorder (producer): blocks from the microphone become 20 ms packets in the capture ring.
 *
 * Each 20 ms of time since `start` has its number (`at`) and its entry. An entry without voice has length 0: while
 * muted, and while the microphone gives nothing. Voice that a stalled microphone brings late is dropped; its moment has
 * passed as an empty entry, and what is said now keeps its place in time.
 */
import type { Clock, Timer } from '../../protocol/clock.js'
import { type Encoder, FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import { LevelMeter } from './level.js'
import type { Ring } from './ring.js'
import type { VoiceProcessor } from './voice-processor.js'

/** The microphone counts as silent after so long without a block, ms. */
const WATCHDOG_MS = 60
/** Sound that is so much later than the microphone's best is stale, ms. */
const STALE_MS = 60
/** A backlog is over within this time, ms. Sound still late after it is not stale: the microphone lost some. */
const BACKLOG_MS = 100
/** How fast the microphone's clock may differ from ours, as a fraction. */
const DRIFT = 0.0005
/** Frames that `at` may differ from time before it is put right. */
const SLACK_FRAMES = 2
const NOTHING = new Uint8Array(0)

export interface RecorderOptions {
  readonly clock: Clock
  readonly encoder: Encoder
  readonly ring: Ring
  /** Gets all voice that will be sent, and no other. */
  readonly processor?: VoiceProcessor | undefined
  /** Called after each push. */
  readonly onPacket: () => void
  /** Gets what each entry holds, processed, before it is encoded; null where it holds no voice. The samples are good until it returns. */
  readonly onFrame?: (frame: Int16Array | null) => void
}

export class Recorder {
  readonly #clock: Clock
  readonly #encoder: Encoder
  readonly #ring: Ring
  readonly #processor: VoiceProcessor | undefined
  readonly #onPacket: () => void
  readonly #onFrame: (frame: Int16Array | null) => void
  readonly #frame = new Int16Array(FRAME_SAMPLES)
  #filled = 0
  /** A part of the frame in hand was said while muted. */
  #tainted = false
  #muted = false
  #next = 0
  #startedAt = 0
  #heardAt = 0
  /** When the microphone's sample 0 was taken, by its quickest delivery of late. */
  #origin: number | null = null
  #samples = 0
  #staleSince: number | null = null
  /** Moments passed without the microphone, and nothing of it was sent since: what comes now may belong to them. */
  #behind = false
  readonly #level = new LevelMeter()
  #timer: Timer | null = null

  constructor(options: RecorderOptions) {
    this.#clock = options.clock
    this.#encoder = options.encoder
    this.#ring = options.ring
    this.#processor = options.processor
    this.#onPacket = options.onPacket
    this.#onFrame = options.onFrame ?? (() => {})
  }

  /** RMS of the last 20 ms, dBFS; silence while muted. */
  get level(): number {
    return this.#level.db
  }

  /** Begins to count time; entries come from now on, whether the microphone gives anything or not. */
  start(): void {
    this.#startedAt = this.#clock.now()
    this.#heardAt = this.#startedAt
    this.#schedule()
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#wipe()
  }

  setMuted(muted: boolean): void {
    this.#muted = muted
    if (this.#filled > 0) this.#tainted = true
    if (muted) this.#frame.fill(0)
  }

  /** A block from the microphone: any number of samples, 48 kHz, one channel. */
  write(block: Int16Array): void {
    if (this.#timer === null || block.length === 0) return
    const now = this.#clock.now()
    if (this.#isStale(block.length, now)) {
      this.#behind = true
      this.#wipe()
      return
    }
    this.#heardAt = now
    for (let offset = 0; offset < block.length; ) {
      const take = Math.min(block.length - offset, FRAME_SAMPLES - this.#filled)
      if (this.#muted) this.#tainted = true
      else this.#frame.set(take === block.length ? block : block.subarray(offset, offset + take), this.#filled)
      this.#filled += take
      offset += take
      const taken = (this.#samples - (block.length - offset)) / SAMPLES_PER_MS
      if (this.#filled === FRAME_SAMPLES) this.#finish((this.#origin ?? now) + taken)
    }
  }

  #isStale(samples: number, now: number): boolean {
    this.#samples += samples
    const taken = this.#samples / SAMPLES_PER_MS
    this.#origin ??= now - taken
    const late = now - taken - this.#origin
    this.#origin += Math.min(late, (samples / SAMPLES_PER_MS) * DRIFT)
    if (late <= (this.#behind ? FRAME_MS : STALE_MS)) {
      this.#staleSince = null
      return false
    }
    this.#staleSince ??= now
    if (now - this.#staleSince <= BACKLOG_MS) return true
    this.#origin = now - taken
    this.#staleSince = null
    return false
  }

  /** `endMs`: when its last sample was taken. Frames of a backlog have the numbers of their own moments, not those of now. */
  #finish(endMs: number): void {
    const frames = this.#frames(endMs)
    // A microphone whose clock is fast, or the end of a backlog: this moment has its entry already.
    const ahead = this.#behind ? -0.5 : SLACK_FRAMES
    if (this.#next <= frames + ahead) {
      this.#behind = false
      const due = Math.floor(frames)
      if (this.#next < due - SLACK_FRAMES) this.#fill(due - 1)
      if (this.#tainted) this.#pushSilence()
      else this.#pushVoice()
    }
    this.#wipe()
  }

  #wipe(): void {
    this.#frame.fill(0)
    this.#filled = 0
    this.#tainted = false
  }

  /** How many frames of time have passed. */
  #frames(now: number): number {
    return (now - this.#startedAt) / FRAME_MS + 1e-6
  }

  #due(now: number): number {
    return Math.floor(this.#frames(now))
  }

  #fill(upTo: number): void {
    // More than a ring holds would only push out itself.
    this.#next = Math.max(this.#next, upTo - 64)
    while (this.#next < upTo) this.#pushSilence()
  }

  #pushVoice(): void {
    this.#processor?.process(this.#frame)
    this.#level.note(this.#frame)
    this.#onFrame(this.#frame)
    this.#push(this.#encoder.encode(this.#frame))
  }

  #pushSilence(): void {
    this.#processor?.pause()
    this.#level.silence()
    this.#onFrame(null)
    this.#push(NOTHING)
  }

  #push(payload: Uint8Array): void {
    this.#ring.push(this.#next++, payload)
    this.#onPacket()
  }

  /**
   * The watchdog: one look each 20 ms as long as nothing comes, timed from the start so that lateness doesn't add up; none before the
   * microphone can be silent.
   */
  #schedule(): void {
    const now = this.#clock.now()
    const silentAt = Math.ceil((this.#heardAt + WATCHDOG_MS - this.#startedAt) / FRAME_MS)
    const next = this.#startedAt + Math.max(this.#due(now) + 1, silentAt) * FRAME_MS
    this.#timer = this.#clock.setTimeout(() => this.#look(), next - now)
  }

  #look(): void {
    const now = this.#clock.now()
    if (now - this.#heardAt >= WATCHDOG_MS) {
      this.#wipe()
      this.#level.silence()
      this.#behind = true
      this.#fill(this.#due(now))
    }
    if (this.#timer !== null) this.#schedule()
  }
}
