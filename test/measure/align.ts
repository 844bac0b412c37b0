import type { Delay } from './delay.js'
import { resample } from './resample.js'
import { endOf, type Sound } from './sound.js'

/** Crossfade where the delay changes, ms. */
const FADE = 10

/** Two recordings side by side: sample i of `heard` is sample i of `said` after it went through the call. */
export interface Aligned {
  readonly rate: number
  /** When the first sample was said, epoch ms. */
  readonly startedAt: number
  readonly said: Float32Array
  readonly heard: Float32Array
}

/**
 * Moves what was heard back by its delay, window by window, and cuts both to what they share. So a delay that changes does
 * not count against the voice, and silence that was played instead of voice does. Undefined when nothing matches.
 */
export function align(said: Sound, heard: Sound, delay: Delay, rate = 16_000): Aligned | undefined {
  const { track } = delay
  if (!track.length) return undefined
  const start = Math.max(said.startedAt, heard.startedAt - track[0]!.delayMs)
  const end = Math.min(endOf(said), endOf(heard) - track.at(-1)!.delayMs)
  const toSamples = (ms: number) => Math.round((ms * rate) / 1000)
  const length = toSamples(end - start)
  if (length <= 0) return undefined
  const from = toSamples(start - said.startedAt)
  const x = resample(said.samples, said.rate, rate).subarray(from, from + length)
  const y = resample(heard.samples, heard.rate, rate)
  const out = new Float32Array(x.length)
  const fade = toSamples(FADE)
  let before: number | undefined
  for (const [n, point] of track.entries()) {
    const next = track[n + 1]
    const a = n === 0 ? 0 : toSamples((track[n - 1]!.at + point.at) / 2 - start)
    const b = next ? toSamples((point.at + next.at) / 2 - start) : out.length
    const shift = toSamples(start + point.delayMs - heard.startedAt)
    for (let i = Math.max(0, a); i < Math.min(b, out.length); i++) {
      const now = y[i + shift] ?? 0
      const part = before === undefined ? 1 : Math.min(1, (i - a) / fade)
      out[i] = part < 1 ? now * part + (y[i + before!] ?? 0) * (1 - part) : now
    }
    before = shift
  }
  return { rate, startedAt: start, said: x, heard: out }
}
