/** WAV files: what people have. */
import { readWav, wavHeader } from '../../../peer/audio/wav.js'
import { holds, type Target } from '../target.js'

/** A file with a description of this kind and some sound. */
function file(kind: number, channels: number, bits: number, extensible = false): Uint8Array {
  const fmt = Buffer.alloc(extensible ? 40 : 16)
  fmt.writeUInt16LE(extensible ? 0xfffe : kind, 0)
  fmt.writeUInt16LE(channels, 2)
  fmt.writeUInt32LE(44_100, 4)
  fmt.writeUInt16LE(bits, 14)
  if (extensible) fmt.writeUInt16LE(kind, 24)
  const sound = Buffer.alloc(channels * (bits / 8) * 3, 0x41)
  const chunk = (name: string, body: Buffer) => Buffer.concat([Buffer.from(name), size(body.length), body])
  const chunks = Buffer.concat([chunk('fmt ', fmt), chunk('LIST', Buffer.from('ab')), chunk('data', sound)])
  return new Uint8Array(Buffer.concat([Buffer.from('RIFF'), size(chunks.length + 4), Buffer.from('WAVE'), chunks]))
}

function size(bytes: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(bytes)
  return out
}

export const target: Target = {
  files: ['peer/audio/wav.js'],
  maxBytes: 512,
  samples: [
    file(1, 1, 8),
    file(1, 2, 16),
    file(1, 8, 24),
    file(1, 1, 32),
    file(3, 2, 32),
    file(3, 1, 64),
    file(1, 2, 16, true),
    file(3, 1, 32, true),
    new Uint8Array([...wavHeader(0), 1, 2, 3, 4]),
    wavHeader(2 ** 40, 2),
  ],
  words: [
    'RIFF',
    'WAVE',
    'fmt ',
    'data',
    'LIST',
    'fact',
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0xfe, 0xff),
  ],
  make: random => {
    const [kinds, widths] = [
      [0, 1, 2, 3],
      [8, 16, 24, 32, 64],
    ]
    return file(kinds![random.below(4)]!, random.below(10), widths![random.below(5)]!, random.chance(0.3))
  },
  run(input) {
    const wav = readWav(input, 'it')
    if (!wav.ok) return wav.error.message
    const { rate, samples } = wav.value
    holds(rate >= 4_000 && rate <= 384_000, 'has a rate that can be played')
    holds(samples.length >= 1 && samples.length <= input.length, 'has no more sound than bytes')
    holds(
      samples.every(sample => sample >= -1 && sample <= 1),
      'is within full scale',
    )
    return 'sound'
  },
}
