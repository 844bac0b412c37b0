/** Clicks: places where sound jumps as nothing around it does. */

/** Looked at in steps of 1 ms, beside 5 ms before and 5 ms after; samples at 48 kHz. */
const STEP = 48
const AROUND = 240
/** A jump smaller than this is not heard, as a second difference of 16-bit samples. */
const FLOOR = 40

export interface Click {
  readonly ms: number
  /** How many times as large as the second differences around it (the louder side's RMS) its largest one is. */
  readonly size: number
}

/** Every ms of the sound with how much it clicks; in speech as it was recorded hardly any is above 12. */
export function clickiness(samples: Int16Array): Click[] {
  const bends = new Float64Array(samples.length)
  for (let i = 1; i + 1 < samples.length; i++) bends[i] = Math.abs(samples[i - 1]! - 2 * samples[i]! + samples[i + 1]!)
  const found: Click[] = []
  for (let at = AROUND; at + STEP + AROUND <= samples.length; at += STEP) {
    let peak = 0
    for (let i = at; i < at + STEP; i++) peak = Math.max(peak, bends[i]!)
    const around = Math.max(rms(bends, at - AROUND, at), rms(bends, at + STEP, at + STEP + AROUND))
    found.push({ ms: at / 48, size: peak / (around + FLOOR) })
  }
  return found
}

/** The largest of them. */
export function worstClick(samples: Int16Array): Click {
  return clickiness(samples).reduce((worst, click) => (click.size > worst.size ? click : worst))
}

function rms(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += values[i]! ** 2
  return Math.sqrt(sum / (to - from))
}
