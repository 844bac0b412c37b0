import { Fft } from './fft.js'

/** Finds where a pattern lies in a longer signal, by fast correlation; keeps its tables for one pair of sizes. */
export class Correlator {
  readonly #fft: Fft
  readonly #re: Float64Array
  readonly #im: Float64Array

  /** `length`: samples of the longer signal. */
  constructor(readonly length: number) {
    this.#fft = new Fft(2 ** Math.ceil(Math.log2(length)))
    this.#re = new Float64Array(this.#fft.size)
    this.#im = new Float64Array(this.#fft.size)
  }

  /**
   * Normalised correlation (-1 to 1, level does not matter) of `pattern` with `signal` at each place where it lies wholly inside:
   * signal.length - pattern.length + 1 values. `signal` is at most `length` samples. Where the signal is far under its own
   * loudest place, values are kept small.
   */
  correlate(pattern: Float32Array, signal: Float32Array): Float64Array {
    const [re, im, size] = [this.#re, this.#im, this.#fft.size]
    if (signal.length > this.length || pattern.length > signal.length)
      throw new RangeError('signal or pattern too long')
    re.fill(0)
    im.fill(0)
    re.set(signal)
    im.set(pattern)
    this.#fft.forward(re, im)
    // Both signals are real, so one transform holds both: S = (Z[k] + Z*[-k]) / 2, P = (Z[k] - Z*[-k]) / 2i. Wanted: S P*.
    for (let k = 0; k <= size / 2; k++) {
      const l = (size - k) % size
      const sr = (re[k]! + re[l]!) / 2
      const si = (im[k]! - im[l]!) / 2
      const pr = (im[k]! + im[l]!) / 2
      const pi = (re[l]! - re[k]!) / 2
      const cr = sr * pr + si * pi
      const ci = si * pr - sr * pi
      re[k] = cr
      im[k] = ci
      re[l] = cr
      im[l] = -ci
    }
    this.#fft.inverse(re, im)
    return scale(re, pattern, signal)
  }
}

function scale(products: Float64Array, pattern: Float32Array, signal: Float32Array): Float64Array {
  const places = signal.length - pattern.length + 1
  const energies = new Float64Array(places)
  let [energy, own, loudest] = [0, 0, 0]
  for (const value of pattern) own += value * value
  for (let i = 0; i < pattern.length; i++) energy += signal[i]! * signal[i]!
  for (let i = 0; i < places; i++) {
    energies[i] = energy
    loudest = Math.max(loudest, energy)
    energy += (signal[i + pattern.length] ?? 0) ** 2 - signal[i]! ** 2
  }
  const least = Math.max(loudest * 1e-6, 1e-9)
  return energies.map((value, i) => products[i]! / Math.sqrt(Math.max(value, least) * Math.max(own, 1e-9)))
}
