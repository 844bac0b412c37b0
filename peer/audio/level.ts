/** The level that stands for silence, dBFS. */
export const SILENCE_DB = -100

/** RMS of 16-bit samples, dBFS: 0 is a full-scale square wave, a full-scale sine is -3. At least -100. */
export function levelOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  if (sum === 0) return SILENCE_DB
  return Math.max(SILENCE_DB, 10 * Math.log10(sum / samples.length / 32768 ** 2))
}
