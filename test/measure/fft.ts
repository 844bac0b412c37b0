/** Complex fast Fourier transform of one size, in place. Its tables are made once. */
export class Fft {
  readonly size: number
  readonly #cos: Float64Array
  readonly #sin: Float64Array
  readonly #reversed: Uint32Array

  /** `size`: a power of two. */
  constructor(size: number) {
    const bits = Math.log2(size)
    if (!Number.isInteger(bits) || size < 2) throw new RangeError('the size of an FFT is a power of two')
    this.size = size
    this.#cos = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size))
    this.#sin = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size))
    this.#reversed = new Uint32Array(size)
    for (let i = 1; i < size; i++) this.#reversed[i] = (this.#reversed[i >> 1]! >> 1) | (i & 1 ? 1 << (bits - 1) : 0)
  }

  /** X[k] = sum of x[n] exp(-2 pi i k n / size); not scaled. */
  forward(re: Float64Array, im: Float64Array): void {
    const n = this.size
    const [cos, sin, reversed] = [this.#cos, this.#sin, this.#reversed]
    for (let i = 0; i < n; i++) {
      const j = reversed[i]!
      if (j <= i) continue
      const r = re[i]!
      const m = im[i]!
      re[i] = re[j]!
      im[i] = im[j]!
      re[j] = r
      im[j] = m
    }
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half)
      for (let start = 0; start < n; start += 2 * half) {
        for (let i = start, k = 0; i < start + half; i++, k += step) {
          const c = cos[k]!
          const s = sin[k]!
          const hr = re[i + half]!
          const hi = im[i + half]!
          const tr = hr * c + hi * s
          const ti = hi * c - hr * s
          re[i + half] = re[i]! - tr
          im[i + half] = im[i]! - ti
          re[i] = re[i]! + tr
          im[i] = im[i]! + ti
        }
      }
    }
  }

  /** The inverse of `forward`, scaled by 1 / size. */
  inverse(re: Float64Array, im: Float64Array): void {
    this.forward(im, re)
    for (let i = 0; i < this.size; i++) {
      re[i] = re[i]! / this.size
      im[i] = im[i]! / this.size
    }
  }
}
