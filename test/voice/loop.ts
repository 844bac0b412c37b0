/** Recorded speech as a microphone hears it: all recordings of test/speech one after the other, again and again. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SAMPLE_RATE } from '../../peer/audio/codec.js'
import { resample } from '../measure/resample.js'
import { readWav } from '../measure/wav.js'

const folder = fileURLToPath(new URL('../../../test/speech/', import.meta.url))

/** The recordings, by name. */
export const voices: readonly string[] = readdirSync(folder)
  .filter(name => name.endsWith('.wav'))
  .map(name => name.slice(0, -'.wav'.length))
  .sort()

const known = new Map<string, Int16Array>()

/** All recordings at 48 kHz, beginning with number `first` (counted round). */
export function speechLoop(first: number): Int16Array {
  const parts = voices.map((_, i) => at48(voices[(first + i) % voices.length]!))
  const loop = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    loop.set(part, at)
    at += part.length
  }
  return loop
}

function at48(name: string): Int16Array {
  let samples = known.get(name)
  if (!samples) {
    const wav = readWav(`${folder}${name}.wav`)
    samples = Int16Array.from(resample(wav.samples, wav.rate, SAMPLE_RATE), toInt16)
    known.set(name, samples)
  }
  return samples
}

function toInt16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)))
}
