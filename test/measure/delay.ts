/**
 * How late what was heard came after it was said: a track of the delay over time. Said and heard carry their absolute start,
 * so the figure is mouth to ear (without what a real microphone and speaker add).
 */
import { Correlator } from './correlate.js'
import { resample } from './resample.js'
import { endOf, rms, type Sound } from './sound.js'

/** Analysis rate, samples a second; window and step, ms. */
const RATE = 16_000
const WINDOW = 500
const STEP = 250
/** Search from a little before the moment itself, so that a clock that is wrong shows, ms. */
const EARLIEST = -30
/** Windows of what was said under this part of its RMS are pauses. */
const SPEAKING = 0.3
/** A window matches from this normalised correlation on. */
const MATCH = 0.5

export interface DelayPoint {
  /** Middle of the window in the time of what was said, epoch ms. */
  readonly at: number
  readonly delayMs: number
  /** Normalised correlation, up to 1. */
  readonly match: number
}

export interface Delay {
  /** Windows of speech that match, in order. */
  readonly track: readonly DelayPoint[]
  /** Windows of speech that were looked for; with many unmatched, the percentiles are weak. */
  readonly windows: number
  /** Percentiles of the track, ms; NaN when nothing matches. */
  readonly p50: number
  readonly p95: number
  readonly min: number
  readonly max: number
}

/**
 * Delay of `heard` after `said`, up to `maxDelayMs`; a file that loops must be unrolled (`looped`) first, and no loop may
 * be shorter than `maxDelayMs`. Windows whose sound would lie before or after the recording of what was heard are left out.
 */
export function measureDelay(said: Sound, heard: Sound, maxDelayMs = 1500): Delay {
  const x = resample(said.samples, said.rate, RATE)
  const y = resample(heard.samples, heard.rate, RATE)
  const [window, step] = [(WINDOW * RATE) / 1000, (STEP * RATE) / 1000]
  const search = Math.round(((WINDOW + maxDelayMs - EARLIEST) * RATE) / 1000)
  const correlator = new Correlator(search)
  const speaking = rms(x) * SPEAKING
  const ahead = ((heard.startedAt - said.startedAt) * RATE) / 1000
  const places: number[] = []
  const choices: Choice[][] = []
  for (let at = 0; at + window <= x.length; at += step) {
    const pattern = x.subarray(at, at + window)
    const from = Math.round(at - ahead + (EARLIEST * RATE) / 1000)
    if (from + search <= 0 || from + window > y.length || rms(pattern) < speaking) continue
    const peaks = findPeaks(correlator.correlate(pattern, cut(y, from, search)))
    // Back from a place in the recording to the time between saying and hearing.
    const delayAt = (place: number) => ((from + place + ahead - at) * 1000) / RATE
    places.push(said.startedAt + ((at + window / 2) * 1000) / RATE)
    choices.push(peaks.map(({ place, match }) => ({ delayMs: delayAt(place), match })))
  }
  const points = smoothest(choices).map(({ delayMs, match }, n) => ({ at: places[n]!, delayMs, match }))
  return summarise(points, heard)
}

/** One value that the delay of a window may have. */
interface Choice {
  readonly delayMs: number
  readonly match: number
}

function cut(samples: Float32Array, from: number, length: number): Float32Array {
  const out = new Float32Array(length)
  out.set(samples.subarray(Math.max(0, from), Math.max(0, from + length)), Math.max(0, -from))
  return out
}

/** The highest peaks, at most six, at least 1 ms apart; places between samples by a parabola through three. */
function findPeaks(values: Float64Array): { place: number; match: number }[] {
  const peaks: { place: number; match: number }[] = []
  const rest = values.slice()
  while (peaks.length < 6) {
    let best = 0
    for (let i = 1; i < rest.length; i++) if (rest[i]! > rest[best]!) best = i
    const match = rest[best]!
    if (match < 0.05) break
    const [before, after] = [values[best - 1], values[best + 1]]
    const bend = before === undefined || after === undefined ? 0 : before - 2 * match + after
    peaks.push({ place: best + (bend < 0 ? (before! - after!) / (2 * bend) : 0), match })
    rest.fill(-1, Math.max(0, best - RATE / 1000), best + RATE / 1000 + 1)
  }
  return peaks.length ? peaks : [{ place: 0, match: 0 }]
}

/** The likeliest track (Viterbi): high matches, few jumps, small ones rather than large ones. */
function smoothest(windows: readonly Choice[][]): Choice[] {
  const steps: number[][] = []
  let costs = (windows[0] ?? []).map(choice => -choice.match)
  for (let n = 1; n < windows.length; n++) {
    const [before, now] = [windows[n - 1]!, windows[n]!]
    const from = now.map(choice => {
      const total = (i: number) => costs[i]! + jump(before[i]!.delayMs, choice.delayMs)
      return before.reduce((best, _, i) => (total(i) < total(best) ? i : best), 0)
    })
    costs = now.map((choice, j) => costs[from[j]!]! + jump(before[from[j]!]!.delayMs, choice.delayMs) - choice.match)
    steps.push(from)
  }
  let last = costs.reduce((best, cost, i) => (cost < costs[best]! ? i : best), 0)
  const track: Choice[] = []
  for (let n = windows.length - 1; n >= 0; n--) {
    track.unshift(windows[n]![last]!)
    last = steps[n - 1]?.[last] ?? 0
  }
  return track
}

function jump(a: number, b: number): number {
  const ms = Math.abs(a - b)
  return ms < 0.5 ? 0 : Math.min(0.5, 0.05 + ms / 500)
}

function summarise(points: readonly DelayPoint[], heard: Sound): Delay {
  const matching = points.filter(point => point.match > MATCH)
  const usual = matching.length ? percentile(matching, 0.5) : 0
  // A window that would be heard partly before or after the recording says nothing about the call.
  const inside = points.filter(({ at, match, delayMs }) => {
    const middle = at + (match > MATCH ? delayMs : usual)
    return middle - WINDOW / 2 >= heard.startedAt && middle + WINDOW / 2 <= endOf(heard)
  })
  const track = inside.filter(point => point.match > MATCH)
  const at = (part: number) => percentile(track, part)
  return { track, windows: inside.length, p50: at(0.5), p95: at(0.95), min: at(0), max: at(1) }
}

/** Nearest rank. */
function percentile(points: readonly DelayPoint[], part: number): number {
  const sorted = points.map(point => point.delayMs).sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}
