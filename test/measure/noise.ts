/** White noise from -1 to 1, the same for the same seed (a whole number, not 0): G. Marsaglia, "Xorshift RNGs", 2003. */
export function whiteNoise(length: number, seed: number): Float64Array {
  let x = seed | 0
  return Float64Array.from({ length }, () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 31 - 1
  })
}
