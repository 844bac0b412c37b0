import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { speechPath } from '../speech/speech.js'
import { rms } from './sound.js'
import { readChannels, readWav, writeWav } from './wav.js'

const folder = mkdtempSync(join(tmpdir(), 'voicechat-wav-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('reads the recorded speech', async t => {
  const { rate, samples } = readWav(speechPath('congratulations'))
  t.equal(rate, 16_000)
  t.equal(samples.length, 192_000)
  t.ok(rms(samples) > 0.05 && rms(samples) < 0.12)
})

t.test('reads back what it wrote, and clips', async t => {
  const path = join(folder, 'a.wav')
  writeWav(path, { rate: 48_000, samples: Float32Array.of(0, 0.5, -0.5, 2, -2) })
  const { rate, samples } = readWav(path)
  t.equal(rate, 48_000)
  t.same([...samples], [0, 0.5, -0.5, 32767 / 32768, -1])
})

t.test('refuses files whose sizes do not add up, stereo, and what is no WAV', async t => {
  const path = join(folder, 'b.wav')
  writeWav(path, { rate: 48_000, samples: new Float32Array(100) })
  const good = readFileSync(path)
  const refuses = (bytes: Buffer, why: RegExp) => {
    writeFileSync(path, bytes)
    t.throws(() => readWav(path), { message: why })
  }
  refuses(good.subarray(0, 200), /says 244 bytes, has 200/)
  refuses(Buffer.concat([good, Buffer.alloc(10)]), /says 244 bytes, has 254/)
  const stereo = Buffer.from(good)
  stereo.writeUInt16LE(2, 22)
  refuses(stereo, /blocks of another size/)
  stereo.writeUInt16LE(4, 32)
  refuses(stereo, /another rate of bytes/)
  stereo.writeUInt32LE(4 * 48_000, 28)
  refuses(stereo, /more than one channel/)
  t.same(
    readChannels(path).channels.map(({ length }) => length),
    [50, 50],
  )
  const long = Buffer.from(good)
  long.writeUInt32LE(1000, 40)
  refuses(long, /goes past the end/)
  refuses(Buffer.alloc(100), /not a RIFF file/)
})
