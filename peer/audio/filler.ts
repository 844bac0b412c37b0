/**
 * What is played where no voice is: concealment that fades, comfort noise under it and after it, silence; and the seams
 * between those and voice, without a click.
 */
import { type Decoder, FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import { ComfortNoise } from './comfort-noise.js'
import { MAX_CONCEALED_MS } from './jitter-buffer.js'

/** Concealment is as loud as voice for half of its time, and fades in a straight line over the other half. */
const CONCEALED_SAMPLES = MAX_CONCEALED_MS * SAMPLES_PER_MS
const FADE_STEP = 2 / CONCEALED_SAMPLES
/** Voice that ends where it needn't be concealed fades within 10 ms. */
const END_STEP = 1 / (10 * SAMPLES_PER_MS)
/** Comfort noise goes within 5 s where nothing comes, and within 20 ms where the other side is muted. */
const DIM_STEP = 1 / (5000 * SAMPLES_PER_MS)
const MUTE_STEP = 1 / (20 * SAMPLES_PER_MS)
/** Voice is faded in over 5 ms. */
const SEAM_SAMPLES = 5 * SAMPLES_PER_MS

export class Filler {
  readonly #decoder: Decoder
  readonly #noise = new ComfortNoise()
  /** Sound that goes on from what was played last; used up from `#used` on. */
  readonly #rest = new Int16Array(FRAME_SAMPLES)
  #used = FRAME_SAMPLES
  readonly #out = new Int16Array(FRAME_SAMPLES)
  /** Concealed since the last voice, samples. */
  #concealed = 0
  /** Of voice, real or concealed; and of the noise beside it. */
  #gain = 0
  #dimmed = 1
  #made = 0

  constructor(decoder: Decoder) {
    this.#decoder = decoder
  }

  /** Frames made up for missing ones. */
  get made(): number {
    return this.#made
  }

  /** The next `samples` (at most a frame) of what was not heard. `successor`: the packet after it, which may know more. */
  conceal(samples: number, successor: Uint8Array | null): Int16Array {
    if (this.#concealed === 0) this.#noise.prepare()
    const out = this.#out.subarray(0, samples)
    for (let i = 0; i < samples; i++) {
      if (this.#used === FRAME_SAMPLES) this.#makeUp(successor)
      const fades = this.#concealed++ >= CONCEALED_SAMPLES / 2
      out[i] = this.#next(fades ? FADE_STEP : 0, 0)
    }
    return out
  }

  /** The next `samples` of silence; noise may still go under in it. */
  silence(samples: number, muted: boolean): Int16Array {
    const out = this.#out.subarray(0, samples)
    if (this.#gain === 0 && this.#dimmed === 0) return out.fill(0)
    if (this.#concealed++ === 0) this.#noise.prepare()
    for (let i = 0; i < samples; i++) {
      if (this.#gain > 0 && this.#used === FRAME_SAMPLES) this.#goOn()
      out[i] = this.#next(END_STEP, muted ? MUTE_STEP : DIM_STEP)
    }
    return out
  }

  /** Voice that follows is not what came next: it is faded into. */
  jump(): void {
    if (this.#gain > 0) this.#goOn()
  }

  /** `sound` is voice and is played next: fades its start, in place, out of what was played. */
  join(sound: Int16Array): void {
    const left = FRAME_SAMPLES - this.#used
    if (this.#gain < 1 || left > 0) {
      const length = Math.min(SEAM_SAMPLES, sound.length, left > 0 ? left : SEAM_SAMPLES)
      // What stands still in concealment goes on in the voice: only what is missing of its loudness comes up.
      const floor = left > 0 ? 0 : this.#gain
      for (let i = 0; i < length; i++) {
        const up = (i + 1) / (length + 1)
        sound[i] = bounded(sound[i]! * (floor + (1 - floor) * up) + this.#next(0, 0) * (1 - up))
      }
    }
    this.#used = FRAME_SAMPLES
    this.#concealed = 0
    this.#gain = 1
    this.#dimmed = 1
  }

  /** A frame of voice, as it was decoded. */
  note(frame: Int16Array): void {
    this.#noise.note(frame)
  }

  #next(fall: number, dim: number): number {
    this.#gain = Math.max(0, this.#gain - fall)
    this.#dimmed = Math.max(0, this.#dimmed - dim)
    const voice = this.#used < FRAME_SAMPLES ? this.#rest[this.#used++]! * this.#gain : 0
    const quiet = (1 - this.#gain) * this.#dimmed
    return bounded(quiet > 0 ? voice + this.#noise.next() * quiet : voice)
  }

  #makeUp(successor: Uint8Array | null): void {
    this.#made++
    const recovered = successor && this.#decoder.recover(successor)
    if (recovered?.ok) this.#take(recovered.value)
    else this.#goOn()
  }

  #goOn(): void {
    this.#take(this.#decoder.conceal())
  }

  #take(sound: Int16Array): void {
    this.#rest.set(sound)
    this.#used = 0
  }
}

function bounded(sample: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(sample)))
}
