/**
 * The player (consumer): fills the speaker's blocks from the playout ring, through jitter buffer and decoder. The
 * speaker pulls; nothing here has a timer.
 */
import { type Decoder, FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import { Gain } from './gain.js'
import { JitterBuffer } from './jitter-buffer.js'
import { isLouder, LevelMeter } from './level.js'
import type { Ring } from './ring.js'

/** Voice that follows silence rises within this many samples (2 ms), so that it doesn't click. */
const RISE_SAMPLES = 96
/** Quieter than this is a pause, dBFS. */
const PAUSE_DB = -55
/** The least and the most that is cut out of 20 ms of pause, ms. */
const MIN_CUT_MS = 3
const MAX_CUT_MS = 10

export class Player {
  readonly #ring: Ring
  readonly #decoder: Decoder
  readonly #jitterBuffer = new JitterBuffer()
  /** Where each frame is put, faded and cut. */
  readonly #frame = new Int16Array(FRAME_SAMPLES)
  /** The part of it that is played. */
  #chunk = this.#frame.subarray(0, 0)
  #offset = 0
  #pulled = 0
  #silent = true
  #concealed = 0
  #broken = 0
  readonly #level = new LevelMeter()
  readonly #gain = new Gain()

  constructor({ ring, decoder }: { ring: Ring; decoder: Decoder }) {
    this.#ring = ring
    this.#decoder = decoder
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
      samples.set(this.#chunk.subarray(this.#offset, this.#offset + take), filled)
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
      framesConcealed: this.#concealed,
      framesLate: late,
      underruns: dry,
      bufferMs: waitingMs + (this.#chunk.length - this.#offset) / SAMPLES_PER_MS + this.#ring.length * FRAME_MS,
      jitterMs,
      levelOut: this.#level.db,
    }
  }

  #refill(nowMs: number): void {
    const next = this.#jitterBuffer.next(nowMs)
    this.#offset = 0
    switch (next.kind) {
      case 'packet': {
        const decoded = this.#decoder.decode(next.payload)
        if (!decoded.ok) this.#broken++
        if (decoded.ok) this.#take(decoded.value)
        else this.#conceal()
        this.#shorten(next.excessMs)
        if (this.#silent) rise(this.#chunk)
        this.#silent = false
        break
      }
      case 'conceal':
        this.#conceal()
        fade(this.#chunk, next.nth, next.of)
        this.#silent = next.nth === next.of
        break
      case 'silence':
        this.#chunk = this.#frame.subarray(0, next.samples).fill(0)
        this.#silent = true
        break
    }
    this.#gain.apply(this.#chunk)
    this.#level.note(this.#chunk)
  }

  /** In a pause of speech nobody hears that a part is missing: there the delay is brought down to the millisecond. */
  #shorten(excess: number): void {
    if (excess < MIN_CUT_MS || isLouder(this.#chunk, PAUSE_DB)) return
    this.#chunk = this.#chunk.subarray(Math.min(MAX_CUT_MS, Math.floor(excess)) * SAMPLES_PER_MS)
  }

  #take(samples: Int16Array): void {
    this.#frame.set(samples)
    this.#chunk = this.#frame
  }

  #conceal(): void {
    this.#concealed++
    this.#take(this.#decoder.conceal())
  }
}

function rise(samples: Int16Array): void {
  for (let i = 0; i < RISE_SAMPLES; i++) samples[i] = (samples[i]! * i) / RISE_SAMPLES
}

/** The `nth` concealed frame of `of` in a row: the second half of them goes down to nothing in a straight line. */
function fade(samples: Int16Array, nth: number, of: number): void {
  const gain = (frames: number) => Math.min(1, (2 * (of - frames)) / of)
  const [from, to] = [gain(nth - 1), gain(nth)]
  if (to === 1) return
  for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! * (from + ((to - from) * i) / samples.length)
}
