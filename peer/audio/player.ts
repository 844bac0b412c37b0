/**
 * The player (consumer): fills the speaker's blocks from the playout ring, through jitter buffer and decoder. The
 * speaker pulls; nothing here has a timer.
 */
import { type Decoder, FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import { Filler } from './filler.js'
import { Gain } from './gain.js'
import { JitterBuffer, type Playout } from './jitter-buffer.js'
import { LevelMeter } from './level.js'
import type { Ring } from './ring.js'
import { ScaleBudget } from './scale-budget.js'
import { TimeScale } from './time-scale.js'

/** The delay is made shorter from so much excess on, and longer from so much shortage on, ms. */
const SQUEEZE_FROM_MS = 3
const STRETCH_FROM_MS = 3
/** How alike two periods must be for a little too much delay; it matters less the more there is, down to the other. */
const ALIKE = 0.85
const HARDLY_ALIKE = 0.3
/** From so much on the second counts, ms. */
const URGENT_MS = 50

export class Player {
  readonly #ring: Ring
  readonly #decoder: Decoder
  readonly #jitterBuffer = new JitterBuffer()
  readonly #filler: Filler
  readonly #timeScale = new TimeScale()
  readonly #budget = new ScaleBudget()
  /** Where each frame is put, and faded. */
  readonly #frame = new Int16Array(FRAME_SAMPLES)
  /** What is played: a part of it, or what was made of it. */
  #chunk: Int16Array = this.#frame.subarray(0, 0)
  #offset = 0
  #pulled = 0
  #broken = 0
  readonly #level = new LevelMeter()
  readonly #gain = new Gain()

  constructor({ ring, decoder }: { ring: Ring; decoder: Decoder }) {
    this.#ring = ring
    this.#decoder = decoder
    this.#filler = new Filler(decoder)
  }

  /**
   * Fills `samples` (any length, 48 kHz, one channel) with what comes next. `dueMs` is when the speaker meant to ask for
   * them, by a clock; it may be late with several blocks at once. Never throws for what a packet holds.
   */
  pull(samples: Int16Array, dueMs: number): void {
    for (let packet = this.#ring.pop(); packet; packet = this.#ring.pop()) {
      this.#jitterBuffer.put(packet.at, packet.payload, dueMs)
    }
    for (let filled = 0; filled < samples.length; ) {
      if (this.#offset === this.#chunk.length) this.#refill(dueMs + filled / SAMPLES_PER_MS)
      const take = Math.min(samples.length - filled, this.#chunk.length - this.#offset)
      // By index: a view for each part would be waste for the collector.
      for (let i = 0; i < take; i++) samples[filled + i] = this.#chunk[this.#offset + i]!
      this.#offset += take
      this.#pulled += take
      filled += take
    }
  }

  /** Plays at so many percent of the volume that it came with (gain.ts). */
  setVolume(percent: number): void {
    this.#gain.set(percent)
  }

  /** Counts since the start, in frames; `bufferMs` holds ring and jitter buffer, not the device. */
  stats() {
    const { lost, late, dry, waitingMs, jitterMs } = this.#jitterBuffer
    return {
      framesPlayed: Math.floor(this.#pulled / FRAME_SAMPLES),
      framesLost: lost + this.#broken,
      framesConcealed: this.#filler.made,
      framesLate: late,
      underruns: dry,
      bufferMs: waitingMs + (this.#chunk.length - this.#offset) / SAMPLES_PER_MS + this.#ring.length * FRAME_MS,
      jitterMs,
      scaledMs: this.#budget.totalMs,
      levelOut: this.#level.db,
    }
  }

  #refill(nowMs: number): void {
    const next = this.#jitterBuffer.next(nowMs)
    this.#offset = 0
    this.#chunk = this.#make(next)
    this.#budget.pass(this.#chunk.length)
    this.#gain.apply(this.#chunk)
    this.#level.note(this.#chunk)
  }

  #make(next: Playout): Int16Array {
    switch (next.kind) {
      case 'packet':
        return this.#voice(next)
      case 'conceal':
        return this.#filler.conceal(next.samples, next.successor)
      case 'silence':
        return this.#filler.silence(next.samples, next.muted)
    }
  }

  #voice({ payload, excessMs, skipMs, jump }: Playout & { kind: 'packet' }): Int16Array {
    if (jump) this.#filler.jump()
    const decoded = this.#decoder.decode(payload)
    if (!decoded.ok) {
      this.#broken++
      return this.#filler.conceal(FRAME_SAMPLES, null)
    }
    this.#frame.set(decoded.value)
    this.#filler.note(this.#frame)
    const sound = skipMs > 0 ? this.#frame.subarray(skipMs * SAMPLES_PER_MS) : this.#frame
    this.#filler.join(sound)
    return skipMs > 0 ? sound : this.#scale(sound, excessMs)
  }

  /** Brings the delay nearer to what it should be. */
  #scale(frame: Int16Array, excessMs: number): Int16Array {
    const much = Math.abs(excessMs)
    if (much < (excessMs > 0 ? SQUEEZE_FROM_MS : STRETCH_FROM_MS)) return frame
    const most = Math.floor(Math.min(much, this.#budget.leftMs) * SAMPLES_PER_MS)
    const least = ALIKE - (ALIKE - HARDLY_ALIKE) * Math.min(1, much / URGENT_MS)
    const scaled =
      excessMs > 0 ? this.#timeScale.squeeze(frame, most, least) : this.#timeScale.stretch(frame, most, least)
    this.#budget.spend(Math.abs(scaled.length - frame.length) / SAMPLES_PER_MS)
    return scaled
  }
}
