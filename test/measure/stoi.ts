/**
 * How much of speech can be understood after something happened to it, from 0 to 1.
 *
 * STOI: C. Taal, R. Hendriks, R. Heusdens, J. Jensen, "An Algorithm for Intelligibility Prediction of Time-Frequency
 * Weighted Noisy Speech", IEEE TASLP 19(7), 2011. ESTOI: J. Jensen, C. Taal, "An Algorithm for Predicting the
 * Intelligibility of Speech Masked by Modulated Noise Maskers", IEEE/ACM TASLP 24(11), 2016.
 */
import { Fft } from './fft.js'
import { resample } from './resample.js'

/** Parameters of Taal 2011, section II. */
const RATE = 10_000
const FRAME = 256
const HOP = FRAME / 2
const FFT_SIZE = 512
const BANDS = 15
const LOWEST_CENTRE = 150
/** Frames in one segment (384 ms). */
const SEGMENT = 30
/** Lower bound of the signal-to-distortion ratio, dB. */
const BETA = -15
/** Frames of the clean speech this far under the loudest one, dB, are left out. */
const DYNAMIC_RANGE = 40

export interface Intelligibility {
  /** 0.75 is hard work, over 0.9 is easy to follow. */
  readonly stoi: number
  /** The extended measure: sterner with noise that comes and goes, and with gaps. */
  readonly estoi: number
  /** Segments (384 ms, one each 12.8 ms of speech) that were judged; with 0 both figures are NaN. */
  readonly segments: number
}

/**
 * STOI and ESTOI of `heard` against `said`: aligned in time, of one rate (samples a second), any level.
 * What is longer is cut. Pauses of `said` don't count.
 */
export function intelligibility(said: Float32Array, heard: Float32Array, rate: number): Intelligibility {
  const length = Math.min(said.length, heard.length)
  const clean = resample(said.subarray(0, length), rate, RATE)
  const processed = resample(heard.subarray(0, length), rate, RATE)
  const [x, y] = withoutPauses(clean, processed)
  return compareBands(bandEnvelopes(x), bandEnvelopes(y))
}

/** Hann without its zero end points. */
const WINDOW = Float64Array.from(
  { length: FRAME },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 1)) / (FRAME + 1)),
)

/** Windowed, overlapping frames; a rest shorter than one is dropped. */
function frames(samples: ArrayLike<number>): Float64Array[] {
  const count = Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1)
  return Array.from({ length: count }, (_, n) => WINDOW.map((weight, i) => weight * samples[n * HOP + i]!))
}

/** Section II: leaves the frames out in which the clean speech is silent, and puts the others together again. */
function withoutPauses(said: Float32Array, heard: Float32Array): [Float64Array, Float64Array] {
  const [x, y] = [frames(said), frames(heard)]
  const levels = x.map(frame => 20 * Math.log10(norm(frame) / Math.sqrt(FRAME) + 1e-12))
  const floor = levels.reduce((a, b) => Math.max(a, b), -Infinity) - DYNAMIC_RANGE
  const spoken = (_: Float64Array, n: number) => levels[n]! > floor
  return [overlapAdd(x.filter(spoken)), overlapAdd(y.filter(spoken))]
}

function overlapAdd(parts: Float64Array[]): Float64Array {
  const out = new Float64Array(parts.length ? (parts.length + 1) * HOP : 0)
  for (const [n, part] of parts.entries())
    for (let i = 0; i < FRAME; i++) out[n * HOP + i] = out[n * HOP + i]! + part[i]!
  return out
}

/** Eq. 1: magnitudes of one-third octave bands, [band][frame]. */
function bandEnvelopes(samples: Float64Array): Float64Array[] {
  const fft = new Fft(FFT_SIZE)
  const edges = bandEdges()
  const all = frames(samples)
  const bands = edges.map(() => new Float64Array(all.length))
  for (const [n, frame] of all.entries()) {
    const re = new Float64Array(FFT_SIZE)
    const im = new Float64Array(FFT_SIZE)
    re.set(frame)
    fft.forward(re, im)
    for (const [j, [low, high]] of edges.entries()) {
      let power = 0
      for (let k = low; k < high; k++) power += re[k]! * re[k]! + im[k]! * im[k]!
      bands[j]![n] = Math.sqrt(power)
    }
  }
  return bands
}

/** First bin of each band, and the one after its last: a sixth of an octave around the centre, at the nearest bin. */
function bandEdges(): [number, number][] {
  const bin = (hz: number) => Math.round((hz * FFT_SIZE) / RATE)
  return Array.from({ length: BANDS }, (_, j) => {
    const centre = LOWEST_CENTRE * 2 ** (j / 3)
    return [bin(centre * 2 ** (-1 / 6)), bin(centre * 2 ** (1 / 6))]
  })
}

function compareBands(x: Float64Array[], y: Float64Array[]): Intelligibility {
  const segments = Math.max(0, x[0]!.length - SEGMENT + 1)
  let [stoi, estoi] = [0, 0]
  for (let m = 0; m < segments; m++) {
    const xs = x.map(band => band.slice(m, m + SEGMENT))
    const ys = y.map(band => band.slice(m, m + SEGMENT))
    for (let j = 0; j < BANDS; j++) stoi += bandCorrelation(xs[j]!, ys[j]!)
    estoi += spectralCorrelation(xs, ys)
  }
  return { stoi: stoi / (BANDS * segments), estoi: estoi / (SEGMENT * segments), segments }
}

/** Taal 2011, eq. 2 to 5: scales, clips and correlates one band of one segment. */
function bandCorrelation(x: Float64Array, y: Float64Array): number {
  const scale = norm(x) / (norm(y) + 1e-12)
  const ceiling = 1 + 10 ** (-BETA / 20)
  const clipped = new Float64Array(SEGMENT)
  for (let n = 0; n < SEGMENT; n++) clipped[n] = Math.min(scale * y[n]!, ceiling * x[n]!)
  const reference = x.slice()
  normalise(reference)
  normalise(clipped)
  return dot(reference, clipped)
}

/**
 * Jensen 2016, section III: normalises each band over time, then each moment over the bands; the sum of correlations.
 * Works on its arguments in place.
 */
function spectralCorrelation(xs: Float64Array[], ys: Float64Array[]): number {
  for (const band of xs) normalise(band)
  for (const band of ys) normalise(band)
  const [x, y] = [new Float64Array(BANDS), new Float64Array(BANDS)]
  let sum = 0
  for (let n = 0; n < SEGMENT; n++) {
    for (let j = 0; j < BANDS; j++) {
      x[j] = xs[j]![n]!
      y[j] = ys[j]![n]!
    }
    normalise(x)
    normalise(y)
    sum += dot(x, y)
  }
  return sum
}

/** To mean 0 and length 1, in place. What is constant becomes zeros. */
function normalise(values: Float64Array): void {
  let mean = 0
  for (let i = 0; i < values.length; i++) mean += values[i]! / values.length
  for (let i = 0; i < values.length; i++) values[i] = values[i]! - mean
  const length = norm(values) + 1e-12
  for (let i = 0; i < values.length; i++) values[i] = values[i]! / length
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
