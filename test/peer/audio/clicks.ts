/** Clicks in silence: what goes in as a click comes out as one, so delay is what lies between them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { wavHeader } from '../../../peer/audio/wav.js'

/** A WAV file at 48 kHz: `count` bursts of 20 ms at 1 kHz, one each `everyMs`, the first at half of that. */
export function writeClicks(path: string, count: number, everyMs: number): void {
  const samples = new Int16Array(count * everyMs * 48)
  for (let click = 0; click < count; click++) {
    const start = Math.round((click + 0.5) * everyMs * 48)
    for (let i = 0; i < 960; i++) samples[start + i] = 16000 * Math.sin((2 * Math.PI * i) / 48)
  }
  writeFileSync(path, Buffer.concat([wavHeader(samples.length), new Uint8Array(samples.buffer)]))
}

/** The moments at which clicks begin, ms from the start of the samples. */
export function findClicks(samples: Int16Array): number[] {
  const found: number[] = []
  let last = -10_000
  for (const [i, sample] of samples.entries()) {
    if (Math.abs(sample) < 4000) continue
    if (i - last > 2400) found.push(i / 48)
    last = i
  }
  return found
}

/** The samples of a WAV file that this program wrote. */
export function readSamples(path: string): Int16Array {
  const bytes = readFileSync(path)
  return Int16Array.from({ length: (bytes.length - 44) >> 1 }, (_, i) => bytes.readInt16LE(44 + 2 * i))
}
