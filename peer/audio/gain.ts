/** The volume of what is heard: a gain that doesn't click when it changes, and bends peaks where it would cut them off. */

/** Percent. */
export const MIN_VOLUME = 10
export const MAX_VOLUME = 200

export const FULL = 32767
/** What gets louder than this (-3 dBFS) is bent. */
export const KNEE = 0.7 * FULL
const ROOM = FULL - KNEE

/** Of amplified sound: as it is up to the knee, from there ever flatter, and never beyond full scale. */
export function limited(sample: number): number {
  const size = Math.abs(sample)
  return size <= KNEE ? sample : Math.sign(sample) * (KNEE + ROOM * Math.tanh((size - KNEE) / ROOM))
}

export class Gain {
  #target = 1
  #now = 1

  /** From the next samples on, `percent` of what they were: 100 leaves them as they are, to the bit. */
  set(percent: number): void {
    this.#target = percent / 100
  }

  /** Changes the samples in place. A new gain is reached in a straight line by their end. */
  apply(samples: Int16Array): void {
    const [from, to] = [this.#now, this.#target]
    if (samples.length === 0 || (from === 1 && to === 1)) return
    const step = (to - from) / samples.length
    const loud = Math.max(from, to) > 1
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]! * (from + step * (i + 1))
      samples[i] = Math.round(loud ? limited(sample) : sample)
    }
    this.#now = to
  }
}
