/**
 * WAV files of 16 bits, strictly: the instruments read what the peer wrote with a reader of their own,
 * which throws on anything that is not exactly right (sizes that don't add up, for example).
 */
import { readFileSync, writeFileSync } from 'node:fs'

export interface Wav {
  /** Samples a second. */
  readonly rate: number
  /** From -1 to 1. */
  readonly samples: Float32Array
}

/** Reads a file of one channel. */
export function readWav(path: string): Wav {
  const { rate, channels } = readChannels(path)
  const [samples] = channels
  if (!samples || channels.length > 1) throw new Error(`${path}: more than one channel`)
  return { rate, samples }
}

/** Reads a RIFF WAVE file ("Multimedia Programming Interface and Data Specifications 1.0", 1991): its channels one by one. */
export function readChannels(path: string): { readonly rate: number; readonly channels: readonly Float32Array[] } {
  const bytes = readFileSync(path)
  const demand = (right: boolean, what: string) => {
    if (!right) throw new Error(`${path}: ${what}`)
  }
  demand(bytes.length >= 44 && bytes.toString('latin1', 0, 4) === 'RIFF', 'not a RIFF file')
  demand(bytes.readUInt32LE(4) === bytes.length - 8, `says ${bytes.readUInt32LE(4) + 8} bytes, has ${bytes.length}`)
  demand(bytes.toString('latin1', 8, 12) === 'WAVE', 'not a WAVE file')
  let [rate, count] = [0, 0]
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const body = at + 8
    demand(body + size <= bytes.length, `the chunk ${id} goes past the end`)
    if (id === 'fmt ') {
      demand(bytes.readUInt16LE(body) === 1, 'not PCM')
      count = bytes.readUInt16LE(body + 2)
      demand(bytes.readUInt16LE(body + 14) === 16, 'not 16 bits')
      demand(bytes.readUInt16LE(body + 12) === 2 * count, 'blocks of another size')
      rate = bytes.readUInt32LE(body + 4)
      demand(bytes.readUInt32LE(body + 8) === 2 * count * rate, 'another rate of bytes')
    }
    if (id === 'data') {
      demand(rate > 0 && size % (2 * count) === 0, 'no format before the samples, or half a sample')
      const sample = (n: number, i: number) => bytes.readInt16LE(body + 2 * (count * i + n)) / 32768
      const length = size / (2 * count)
      return {
        rate,
        channels: Array.from({ length: count }, (_, n) => Float32Array.from({ length }, (_, i) => sample(n, i))),
      }
    }
    at = body + size + (size % 2)
  }
  throw new Error(`${path}: no samples`)
}

/** Writes 16-bit mono; samples outside -1 to 1 are clipped. */
export function writeWav(path: string, { rate, samples }: Wav): void {
  const bytes = Buffer.alloc(44 + 2 * samples.length)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(2 * rate, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(2 * samples.length, 40)
  for (const [i, sample] of samples.entries())
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), 44 + 2 * i)
  writeFileSync(path, bytes)
}
