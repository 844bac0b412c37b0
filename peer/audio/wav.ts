/** WAV files (RIFF, "Multimedia Programming Interface and Data Specifications 1.0"): reading what people have, writing ours. */
import { fail, ok, type Result } from '../../protocol/result.js'
import { SAMPLE_RATE } from './codec.js'

export interface Wav {
  /** Samples a second. */
  readonly rate: number
  /** One channel (the mean of all), -1 to 1. */
  readonly samples: Float32Array
}

const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe]
const MAX_CHANNELS = 8
/** Length of the header that `wavHeader` writes, bytes. */
export const WAV_HEADER_BYTES = 44

/**
 * Reads a WAV file: integers of 8, 16, 24 or 32 bits, floats of 32 or 64, up to 8 channels. A file that was cut off
 * gives what is there. `name` is what the error calls the file.
 */
export function readWav(bytes: Uint8Array, name: string): Result<Wav, 'notWav'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isWav = bytes.length >= 12 && tag(bytes, 0) === 'RIFF' && tag(bytes, 8) === 'WAVE'
  if (!isWav) return fail('notWav', `${name} is not a WAV file.`)
  let format: Format | null = null
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const size = view.getUint32(offset + 4, true)
    const start = offset + 8
    const end = Math.min(start + size, bytes.length)
    if (tag(bytes, offset) === 'fmt ') {
      format = readFormat(view, start, end)
      if (!format) return fail('notWav', `${name} is a WAV file with a kind of sound that is not understood here.`)
    } else if (tag(bytes, offset) === 'data') {
      if (!format) return fail('notWav', `${name} is a damaged WAV file: the sound comes before its description.`)
      // A program that was killed leaves 0 here; one that wrote to a pipe the largest number.
      const samples = readSamples(view, start, size === 0 ? bytes.length : end, format)
      if (samples.length === 0) return fail('notWav', `${name} is a WAV file without sound in it.`)
      return ok({ rate: format.rate, samples })
    }
    offset = start + size + (size & 1)
  }
  return fail('notWav', `${name} is a WAV file without sound in it.`)
}

/** Sound that a WAV file has room for, bytes: its sizes have 32 bits. */
export const MAX_WAV_BYTES = 0xffffffff - WAV_HEADER_BYTES

/** The header of a 48 kHz 16-bit file with so many samples in each of its channels. */
export function wavHeader(samples: number, channels = 1): Uint8Array {
  const header = new Uint8Array(WAV_HEADER_BYTES)
  const view = new DataView(header.buffer)
  const frameBytes = 2 * channels
  const dataBytes = Math.min(samples, Math.floor(MAX_WAV_BYTES / frameBytes)) * frameBytes
  for (const [offset, text] of [
    [0, 'RIFF'],
    [8, 'WAVE'],
    [12, 'fmt '],
    [36, 'data'],
  ] as const) {
    for (let i = 0; i < 4; i++) header[offset + i] = text.charCodeAt(i)
  }
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true)
  view.setUint32(16, 16, true)
  view.setUint16(20, PCM!, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, SAMPLE_RATE, true)
  view.setUint32(28, frameBytes * SAMPLE_RATE, true)
  view.setUint16(32, frameBytes, true)
  view.setUint16(34, 16, true)
  view.setUint32(40, dataBytes, true)
  return header
}

interface Format {
  readonly rate: number
  readonly channels: number
  readonly sampleBytes: number
  readonly read: (view: DataView, offset: number) => number
}

function readFormat(view: DataView, start: number, end: number): Format | null {
  if (end - start < 16) return null
  let kind = view.getUint16(start, true)
  // The real kind is the first field of the GUID at the end of the extensible form.
  if (kind === EXTENSIBLE) kind = end - start >= 26 ? view.getUint16(start + 24, true) : 0
  const channels = view.getUint16(start + 2, true)
  const rate = view.getUint32(start + 4, true)
  const bits = view.getUint16(start + 14, true)
  const read = readers[`${kind === PCM ? 'int' : kind === FLOAT ? 'float' : 'other'}${bits}`]
  if (!read || channels < 1 || channels > MAX_CHANNELS || rate < 4000 || rate > 384_000) return null
  return { rate, channels, sampleBytes: bits / 8, read }
}

const readers: Readonly<Record<string, Format['read']>> = {
  int8: (view, offset) => (view.getUint8(offset) - 128) / 128,
  int16: (view, offset) => view.getInt16(offset, true) / 2 ** 15,
  int24: (view, offset) => ((view.getInt8(offset + 2) << 16) | view.getUint16(offset, true)) / 2 ** 23,
  int32: (view, offset) => view.getInt32(offset, true) / 2 ** 31,
  float32: (view, offset) => finite(view.getFloat32(offset, true)),
  float64: (view, offset) => finite(view.getFloat64(offset, true)),
}

function readSamples(view: DataView, start: number, end: number, format: Format): Float32Array {
  const { channels, sampleBytes, read } = format
  const samples = new Float32Array(Math.floor((end - start) / (channels * sampleBytes)))
  for (let i = 0, offset = start; i < samples.length; i++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++, offset += sampleBytes) sum += read(view, offset)
    samples[i] = sum / channels
  }
  return samples
}

function finite(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(-1, value)) : 0
}

function tag(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4))
}
