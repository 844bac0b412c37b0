import t from 'tap'
import { readWav, wavHeader } from '../../../peer/audio/wav.js'

const VALUES = [0, 0.5, -0.5, 0.25, -1]

/** A file by hand: `write` puts one sample into a view at an offset. */
function wav(
  kind: number,
  bits: number,
  channels: number,
  write: (view: DataView, offset: number, value: number) => void,
) {
  const data = new Uint8Array(VALUES.length * channels * (bits / 8))
  const view = new DataView(data.buffer)
  for (const [i, value] of VALUES.entries()) {
    for (let channel = 0; channel < channels; channel++) {
      // Two channels, one 1/8 louder and one as much softer: their mean is the value.
      const off = channels === 2 ? (channel === 0 ? 1.125 : 0.875) : 1
      write(view, (i * channels + channel) * (bits / 8), value === -1 ? -1 : value * off)
    }
  }
  return chunks(formatChunk(kind, 22050, channels, bits), ['LIST', Uint8Array.of(1, 2, 3)], ['data', data])
}

function formatChunk(kind: number, rate: number, channels: number, bits: number): [string, Uint8Array] {
  const format = new Uint8Array(16)
  const view = new DataView(format.buffer)
  view.setUint16(0, kind, true)
  view.setUint16(2, channels, true)
  view.setUint32(4, rate, true)
  view.setUint16(14, bits, true)
  return ['fmt ', format]
}

function chunks(...all: [string, Uint8Array][]): Uint8Array {
  const parts = all.map(([name, body]) => {
    const chunk = Buffer.alloc(8 + body.length + (body.length & 1))
    chunk.write(name, 0, 'latin1')
    chunk.writeUInt32LE(body.length, 4)
    chunk.set(body, 8)
    return chunk
  })
  return new Uint8Array(Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...parts]))
}

const kinds: Record<string, [number, number, (view: DataView, offset: number, value: number) => void]> = {
  'integers of 8 bits': [1, 8, (view, offset, value) => view.setUint8(offset, 128 + value * 128)],
  'integers of 16 bits': [1, 16, (view, offset, value) => view.setInt16(offset, value * 2 ** 15, true)],
  'integers of 24 bits': [
    1,
    24,
    (view, offset, value) => {
      view.setUint16(offset, (value * 2 ** 23) & 0xffff, true)
      view.setInt8(offset + 2, (value * 2 ** 23) >> 16)
    },
  ],
  'integers of 32 bits': [1, 32, (view, offset, value) => view.setInt32(offset, value * 2 ** 31, true)],
  'floats of 32 bits': [3, 32, (view, offset, value) => view.setFloat32(offset, value, true)],
  'floats of 64 bits': [3, 64, (view, offset, value) => view.setFloat64(offset, value, true)],
}

for (const [name, [kind, bits, write]] of Object.entries(kinds)) {
  for (const channels of [1, 2]) {
    t.test(`reads ${name}, ${channels} channel(s)`, async t => {
      const read = readWav(wav(kind, bits, channels, write), 'x.wav')
      if (!read.ok) throw new Error(read.error.message)
      t.equal(read.value.rate, 22050)
      t.same(
        [...read.value.samples].map(value => Math.round(value * 64) / 64),
        VALUES,
      )
    })
  }
}

t.test('reads its own header, and what a program that was killed leaves', async t => {
  const samples = new Uint8Array(Int16Array.of(0, 16384, -16384).buffer)
  for (const announced of [3, 0, 1_000_000_000]) {
    const read = readWav(new Uint8Array([...wavHeader(announced), ...samples]), 'x.wav')
    t.same(read.ok && { rate: read.value.rate, samples: [...read.value.samples] }, {
      rate: 48000,
      samples: [0, 0.5, -0.5],
    })
  }
})

t.test('reads the extensible form', async t => {
  const format = new Uint8Array(40)
  format.set(formatChunk(0xfffe, 8000, 1, 16)[1])
  format[24] = 1
  const read = readWav(chunks(['fmt ', format], ['data', Uint8Array.of(0, 0x40)]), 'x.wav')
  t.same(read.ok && [...read.value.samples], [0.5])
})

t.test('says what is wrong in words', async t => {
  const problem = (bytes: Uint8Array) => {
    const read = readWav(bytes, 'x.mp3')
    return read.ok ? null : read.error
  }
  t.same(problem(new Uint8Array(Buffer.from('ID3 something'))), { name: 'notWav', message: 'x.mp3 is not a WAV file.' })
  t.match(problem(new Uint8Array(0)), { name: 'notWav' })
  t.match(problem(wavHeader(0)), { message: /without sound/ })
  t.match(problem(chunks(['data', Uint8Array.of(1, 2)])), { message: /damaged/ })
  t.match(problem(chunks(formatChunk(85, 48000, 2, 16), ['data', Uint8Array.of(1, 2)])), { message: /not understood/ })
  t.match(problem(chunks(formatChunk(1, 0, 1, 16), ['data', Uint8Array.of(1, 2)])), { message: /not understood/ })
  t.match(problem(chunks(formatChunk(1, 48000, 0, 16), ['data', Uint8Array.of(1, 2)])), { message: /not understood/ })
})

t.test('throws for no bytes whatever: each cut, each byte changed', async t => {
  const file = wav(1, 16, 2, (view, offset, value) => view.setInt16(offset, value * 2 ** 15, true))
  let [read, refused] = [0, 0]
  const count = (bytes: Uint8Array) => {
    if (readWav(bytes, 'x.wav').ok) read++
    else refused++
  }
  for (let length = 0; length < file.length; length++) count(file.subarray(0, length))
  for (let i = 0; i < file.length; i++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = file.slice()
      changed[i] = value
      count(changed)
    }
  }
  t.ok(read > 50 && refused > 50, `${read} read, ${refused} refused`)
})
