/** A recording with its place in time. One channel, samples from -1 to 1. */
export interface Sound {
  readonly samples: Float32Array
  /** Samples a second. */
  readonly rate: number
  /** When the first sample was taken or played, epoch ms; fractions allowed. */
  readonly startedAt: number
}

/** The moment after the last sample, epoch ms. */
export function endOf(sound: Sound): number {
  return sound.startedAt + (sound.samples.length * 1000) / sound.rate
}

/** The part from one moment to another, epoch ms; less when the sound has less. */
export function between(sound: Sound, from: number, until: number): Sound {
  const place = (at: number) => Math.max(0, Math.round(((at - sound.startedAt) * sound.rate) / 1000))
  const [first, last] = [place(from), place(until)]
  return {
    ...sound,
    samples: sound.samples.subarray(first, last),
    startedAt: sound.startedAt + (first * 1000) / sound.rate,
  }
}

/** What a microphone that plays a file again and again has said by `until`, epoch ms. */
export function looped(sound: Sound, until: number): Sound {
  const length = Math.max(0, Math.ceil(((until - sound.startedAt) * sound.rate) / 1000))
  const samples = new Float32Array(length)
  for (let at = 0; at < length; at += sound.samples.length)
    samples.set(sound.samples.subarray(0, Math.min(sound.samples.length, length - at)), at)
  return { ...sound, samples }
}

/** Root of the mean square, 0 to 1; 0 for nothing. */
export function rms(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length ? Math.sqrt(sum / samples.length) : 0
}

/** When the first 20 ms over `floor` (dBFS) begin, epoch ms; undefined if none do. */
export function firstSound(sound: Sound, floor = -50): number | undefined {
  const block = Math.round(sound.rate / 50)
  const threshold = 10 ** (floor / 20)
  for (let at = 0; at + block <= sound.samples.length; at += block)
    if (rms(sound.samples.subarray(at, at + block)) > threshold) return sound.startedAt + (at * 1000) / sound.rate
  return undefined
}
