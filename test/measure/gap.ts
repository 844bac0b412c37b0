/** Stretches of silence where speech should have been. */
import { rms } from './sound.js'

/** Blocks that are compared, ms. */
const BLOCK = 5
/** A block is missing when it is this far under what it should be, dB. */
const DEPTH = 25
/** Blocks of what was said under this part of its RMS are pauses. */
const SPEAKING = 0.12
/** Shorter ones are not counted, ms. */
const SHORTEST = 10

export interface Gap {
  /** Offset into what was said, ms. */
  readonly atMs: number
  readonly ms: number
}

/** Gaps of 10 ms and more in `heard`, which is aligned to `said` (see align.ts) and has its rate; any level. */
export function findGaps(said: Float32Array, heard: Float32Array, rate: number): Gap[] {
  const block = Math.round((BLOCK * rate) / 1000)
  const x = levels(said, block)
  const y = levels(heard, block)
  const speaking = rms(said) * SPEAKING
  const gain = median(x.flatMap((level, i) => (level > speaking ? [(y[i] ?? 0) / level] : []))) || 1
  const missing = x.map((level, i) => {
    // The level around counts as well: a block between two quiet ones is no loss.
    const around = x.slice(Math.max(0, i - 2), i + 3).reduce((sum, value) => sum + value, 0) / 5
    return level > speaking && (y[i] ?? 0) < Math.min(level, around) * gain * 10 ** (-DEPTH / 20)
  })
  const gaps: Gap[] = []
  for (let from = 0; from < missing.length; from++) {
    let to = from
    while (missing[to]) to++
    if ((to - from) * BLOCK >= SHORTEST) gaps.push({ atMs: from * BLOCK, ms: (to - from) * BLOCK })
    from = to
  }
  return gaps
}

function levels(samples: Float32Array, block: number): number[] {
  const count = Math.floor(samples.length / block)
  return Array.from({ length: count }, (_, i) => rms(samples.subarray(i * block, (i + 1) * block)))
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0
}
