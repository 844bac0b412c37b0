/** The level that stands for silence, dBFS. */
export const SILENCE_DB = -100

/** RMS of 16-bit samples, dBFS: 0 is a full-scale square wave, a full-scale sine is -3. At least -100. */
export function levelOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  if (sum === 0) return SILENCE_DB
  return Math.max(SILENCE_DB, 10 * Math.log10(sum / samples.length / 32768 ** 2))
}

/** How fast a meter falls, dB a second. */
const FALL = 20

/** A level as a meter shows it: up at once, down slowly, so that whoever looks once a second misses no word. */
export class LevelMeter {
  #db = SILENCE_DB

  /** dBFS. */
  get db(): number {
    return this.#db
  }

  /** Samples at 48 kHz went by. */
  note(samples: Int16Array): void {
    const fallen = this.#db - (FALL * samples.length) / 48_000
    this.#db = Math.max(levelOf(samples), fallen, SILENCE_DB)
  }

  silence(): void {
    this.#db = SILENCE_DB
  }
}
