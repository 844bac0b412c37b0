/**
 * Comfort noise: what the other side's room sounds like while nobody speaks, made here, so that a line on which nothing
 * comes for a moment does not sound dead. Level and colour are those of the quietest 20 ms of late (minimum statistics;
 * R. Martin, IEEE TSAP 9(5), 2001, is the grown-up form).
 */

/** Minima are kept of stretches of so many frames (1.5 s); the quietest of four of them counts. */
const STRETCH_FRAMES = 75
const STRETCHES = 4
/** The quietest 20 ms are quieter than the noise is on average: 2 dB. */
const BIAS = 1.6
/** Never louder than this: -50 dBFS (as power). What was louder was no background. */
const MAX_POWER = 1e-5 * 32768 ** 2
/** The most that neighbouring samples have in common: a low rumble. */
const MAX_COLOUR = 0.98

export class ComfortNoise {
  /** Power and correlation of neighbours in the quietest frame of each stretch. */
  readonly #powers = new Float64Array(STRETCHES).fill(Number.POSITIVE_INFINITY)
  readonly #colours = new Float64Array(STRETCHES)
  #frames = 0
  #random = 0x2545f491
  #last = 0
  #colour = 0
  #size = 0

  /** A frame of the other side's sound, as it came. */
  note(frame: Int16Array): void {
    const slot = Math.floor(this.#frames / STRETCH_FRAMES) % STRETCHES
    if (this.#frames % STRETCH_FRAMES === 0) this.#powers[slot] = Number.POSITIVE_INFINITY
    this.#frames++
    // By index and as whole numbers: see levelOf.
    let [sum, cross, last] = [0, 0, frame[0]!]
    for (let i = 0; i < frame.length; i++) {
      const sample = frame[i]!
      sum += Math.imul(sample, sample)
      cross += Math.imul(sample, last)
      last = sample
    }
    if (sum >= this.#powers[slot]! * frame.length) return
    this.#powers[slot] = sum / frame.length
    this.#colours[slot] = sum === 0 ? 0 : Math.max(0, Math.min(MAX_COLOUR, cross / sum))
  }

  /** Takes over what was noted. Called before a stretch of noise. */
  prepare(): void {
    if (this.#frames < STRETCH_FRAMES) return
    const power = Math.min(...this.#powers)
    this.#colour = this.#colours[this.#powers.indexOf(power)]!
    // Evenly spread random numbers of -1 to 1 have a third of its power.
    const amplitude = Math.sqrt(3 * Math.min(MAX_POWER, BIAS * power))
    this.#size = amplitude * Math.sqrt(1 - this.#colour * this.#colour)
  }

  /** The next sample of it; 0 as long as nothing is known. */
  next(): number {
    if (this.#size === 0) return 0
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    this.#last = this.#colour * this.#last + (this.#size * this.#random) / 0x80000000
    return this.#last
  }
}
