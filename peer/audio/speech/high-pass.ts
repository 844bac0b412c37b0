import { SAMPLE_RATE } from '../codec.js'

/** -3 dB here, Hz: under it are knocks, wind and the hum of mains, and hardly any voice. */
const CUTOFF = 80

/**
 * A high-pass of second order (Butterworth), 12 dB an octave: R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad
 * filter coefficients", by the bilinear transform. Without delay where voice is.
 */
export class HighPass {
  readonly #b0: number
  readonly #a1: number
  readonly #a2: number
  /** The two delays of the transposed direct form II; in an array, where numbers cost no memory of their own. */
  readonly #state = new Float64Array(2)

  constructor() {
    const w = (2 * Math.PI * CUTOFF) / SAMPLE_RATE
    // Q is 1 / sqrt(2).
    const alpha = Math.sin(w) * Math.SQRT1_2
    const a0 = 1 + alpha
    this.#b0 = (1 + Math.cos(w)) / 2 / a0
    this.#a1 = (-2 * Math.cos(w)) / a0
    this.#a2 = (1 - alpha) / a0
  }

  /** Changes the samples in place. */
  apply(samples: Float32Array): void {
    const b0 = this.#b0
    const a1 = this.#a1
    const a2 = this.#a2
    let s1 = this.#state[0]!
    let s2 = this.#state[1]!
    for (let i = 0; i < samples.length; i++) {
      const x = b0 * samples[i]!
      const y = x + s1
      s1 = s2 - 2 * x - a1 * y
      s2 = x - a2 * y
      samples[i] = y
    }
    this.#state[0] = s1
    this.#state[1] = s2
  }

  /** Forgets what it heard. */
  reset(): void {
    this.#state.fill(0)
  }
}
