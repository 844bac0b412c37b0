/** Zero crossings of the sinc on either side: 32 keep the ripple under 0.01 dB up to 92 % of the band. */
const CROSSINGS = 32

/** The band that is kept, as a part of the lower of the two Nyquist frequencies. */
const BAND = 0.96

/**
 * Resamples a whole recording with a Hann-windowed sinc; no delay: output sample i is the input at time i / to.
 * The instruments have one of their own, so that a mistake in the peer's resampler can't hide in both.
 * `from`, `to`: samples a second, whole numbers.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples
  const divisor = gcd(from, to)
  const [up, down] = [to / divisor, from / divisor]
  const cutoff = BAND * Math.min(1, to / from)
  const half = Math.ceil(CROSSINGS / cutoff)
  const phases = Array.from({ length: up }, (_, phase) => taps(phase / up, half, cutoff))
  const out = new Float32Array(Math.floor((samples.length * to) / from))
  for (let i = 0; i < out.length; i++) {
    const position = i * down
    const kernel = phases[position % up]!
    const first = Math.floor(position / up) - half + 1
    let sum = 0
    for (let k = Math.max(0, -first); k < kernel.length && first + k < samples.length; k++)
      sum += kernel[k]! * samples[first + k]!
    out[i] = sum
  }
  return out
}

/** Weights of the 2 * half inputs around an output that lies `fraction` after the input before it; they sum to 1. */
function taps(fraction: number, half: number, cutoff: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * half }, (_, k) => {
    const x = k - half + 1 - fraction
    const window = Math.abs(x) < half ? 0.5 + 0.5 * Math.cos((Math.PI * x) / half) : 0
    return x === 0 ? 1 : (window * Math.sin(Math.PI * cutoff * x)) / (Math.PI * cutoff * x)
  })
  const sum = kernel.reduce((total, value) => total + value, 0)
  return kernel.map(value => value / sum)
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
