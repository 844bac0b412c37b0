/** A room without walls: how a loudspeaker's sound comes back into a microphone that stands near it. */

/** One way that the sound takes: so many samples later, so much weaker. */
export interface Way {
  readonly delay: number
  readonly gain: number
}

const RATE = 48_000
/** Reflections beside the direct way, how long they go on, and how strong they are beside it. */
const REFLECTIONS = 60
const TAIL_MS = 120
const STRENGTH = 0.2
/** Reflections get weaker by 20 dB in this time, ms. */
const FALL_MS = 40

/** The direct way and its reflections: the same for the same seed. White noise comes back `attenuationDb` weaker. */
export function roomResponse(delayMs: number, attenuationDb: number, seed = 1): Way[] {
  let state = seed
  // Numerical Recipes' generator.
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const ways = [{ ms: 0, gain: 1 }]
  for (let i = 0; i < REFLECTIONS; i++) {
    const ms = 2 + TAIL_MS * random()
    ways.push({ ms, gain: (random() < 0.5 ? -1 : 1) * STRENGTH * 10 ** (-ms / FALL_MS) })
  }
  const power = ways.reduce((sum, { gain }) => sum + gain * gain, 0)
  const scale = 10 ** (-attenuationDb / 20) / Math.sqrt(power)
  return ways.map(({ ms, gain }) => ({ delay: Math.round(((delayMs + ms) * RATE) / 1000), gain: gain * scale }))
}

/** Makes the echo of sound as it comes. */
export class RoomEcho {
  readonly #ways: readonly Way[]
  readonly #past: Float64Array
  #at = 0

  constructor(ways: readonly Way[]) {
    this.#ways = ways
    this.#past = new Float64Array(1 + Math.max(...ways.map(({ delay }) => delay)))
  }

  /** What is in the microphone at the moment when the speaker plays this. */
  next(played: Int16Array): Int16Array {
    const past = this.#past
    return played.map(sample => {
      past[this.#at] = sample
      let sum = 0
      for (const { delay, gain } of this.#ways) sum += gain * past[(this.#at - delay + past.length) % past.length]!
      this.#at = (this.#at + 1) % past.length
      return Math.max(-32768, Math.min(32767, Math.round(sum)))
    })
  }
}
