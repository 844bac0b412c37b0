/** Half the length of the filter, in periods of the lower of the two rates. */
const HALF_TAPS = 24
/** Steps between two input samples for which the filter is worked out; between them it is interpolated. */
const PHASES = 256
/** Kaiser window: about 80 dB down beside the band (Oppenheim & Schafer, "Discrete-Time Signal Processing", 7.5). */
const KAISER_BETA = 8
/** The band kept, of half the lower rate: the filter needs room to fall. */
const BAND = 0.92

/**
 * From one sample rate to another by a windowed sinc: any ratio, block by block, with a delay of 24 input samples (more
 * when the rate goes down).
 */
export class Resampler {
  readonly #step: number
  readonly #half: number
  readonly #table: Float64Array
  #input: Float32Array
  /** Where the next output sample lies in `#input`. */
  #position: number

  constructor(fromRate: number, toRate: number) {
    const scale = Math.min(1, toRate / fromRate)
    this.#step = fromRate / toRate
    this.#half = Math.ceil(HALF_TAPS / scale)
    this.#table = filter(this.#half, scale * BAND)
    this.#input = new Float32Array(this.#half)
    this.#position = this.#half
  }

  /** The samples that follow from these, about `input.length * toRate / fromRate` of them. */
  process(input: Float32Array): Float32Array {
    const all = new Float32Array(this.#input.length + input.length)
    all.set(this.#input)
    all.set(input, this.#input.length)
    // An output sample needs `half` input samples on both sides of it.
    const count = Math.max(0, Math.ceil((all.length - this.#half - this.#position) / this.#step))
    const out = new Float32Array(count)
    for (let i = 0; i < count; i++) out[i] = this.#at(all, this.#position + i * this.#step)
    const next = this.#position + count * this.#step
    const used = Math.max(0, Math.floor(next) - this.#half)
    this.#input = all.slice(used)
    this.#position = next - used
    return out
  }

  #at(input: Float32Array, position: number): number {
    const whole = Math.floor(position)
    const phase = (position - whole) * PHASES
    const low = Math.floor(phase)
    const part = phase - low
    const table = this.#table
    const width = 2 * this.#half
    let sum = 0
    for (let tap = 0, a = low * width, b = a + width, i = whole - this.#half + 1; tap < width; tap++, a++, b++, i++) {
      sum += input[i]! * (table[a]! + (table[b]! - table[a]!) * part)
    }
    return sum
  }
}

/** Rows of taps, one for each phase from 0 to 1 with both ends; each row sums to 1. `band` of the input's half rate. */
function filter(half: number, band: number): Float64Array {
  const width = 2 * half
  const table = new Float64Array((PHASES + 1) * width)
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = table.subarray(phase * width, (phase + 1) * width)
    for (let tap = 0; tap < width; tap++) {
      const x = tap - half + 1 - phase / PHASES
      const edge = Math.max(0, 1 - (x / half) ** 2)
      row[tap] = sinc(x * band) * bessel(KAISER_BETA * Math.sqrt(edge))
    }
    const sum = row.reduce((total, value) => total + value, 0)
    for (let tap = 0; tap < width; tap++) row[tap]! /= sum
  }
  return table
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

/** The modified Bessel function I0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
