import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { createRnnoise, type Rnnoise } from '../../../../peer/audio/speech/rnnoise.js'
import { loadRnnoise, rnnoiseModules } from '../../../../peer/audio/speech/rnnoise-file.js'
import { Correlator } from '../../../measure/correlate.js'
import { at, level, noises, speech } from './room.js'

/** Samples from -1 to 1 through a denoiser of their own. */
function through(rnnoise: Rnnoise, samples: Float32Array): { out: Float32Array; probabilities: number[] } {
  const denoiser = rnnoise.createDenoiser()
  const out = samples.map(sample => sample * 32768)
  const probabilities: number[] = []
  for (let n = 0; n + 480 <= out.length; n += 480) probabilities.push(denoiser.process(out.subarray(n, n + 480)))
  denoiser.close()
  return { out: out.map(sample => sample / 32768), probabilities }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

t.test('is 480 samples late, 10 ms, and no more', async t => {
  const said = speech('congratulations')
  const { out } = through(await loadRnnoise(), said)
  const correlator = new Correlator(48_000 * 4)
  for (const from of [48_000, 144_000, 288_000]) {
    const found = correlator.correlate(said.subarray(from, from + 96_000), out.subarray(from, from + 96_000 + 4800))
    const best = found.reduce((a, value, i) => (value > found[a]! ? i : a), 0)
    // Its own filter for low tones turns them by a sample.
    t.ok(Math.abs(best - 480) <= 1, `${best} samples`)
    t.ok(found[best]! > 0.98, `${found[best]!.toFixed(4)} alike`)
  }
})

t.test('leaves speech as loud as it was, and knows it from air', async t => {
  const rnnoise = await loadRnnoise()
  const said = speech('no-connection')
  const spoken = through(rnnoise, said)
  t.ok(Math.abs(level(spoken.out) - level(said)) < 0.3, `${(level(spoken.out) - level(said)).toFixed(2)} dB`)
  const fan = through(rnnoise, at(-40, noises.fan(480_000)))
  t.ok(mean(spoken.probabilities) > 0.7, `speech ${mean(spoken.probabilities).toFixed(2)}`)
  t.ok(mean(fan.probabilities) < 0.2, `a fan ${mean(fan.probabilities).toFixed(2)}`)
})

t.test('both modules do the same', async t => {
  const said = speech('no-connection').subarray(0, 96_000)
  const [quick, plain] = await Promise.all(
    rnnoiseModules.map(async name => through(await loadRnnoise([name]), said).out),
  )
  const apart = quick!.map((sample, i) => sample - plain![i]!)
  t.ok(level(plain!) > -40)
  t.ok(level(apart) < level(plain!) - 60, `${level(apart).toFixed(0)} dBFS apart`)
})

t.test('a denoiser knows nothing of another', async t => {
  const rnnoise = await loadRnnoise()
  const said = speech('congratulations').subarray(0, 48_000)
  const alone = through(rnnoise, said).out
  const beside = rnnoise.createDenoiser()
  const noise = noises.white(480).map(sample => sample * 10_000)
  const denoiser = rnnoise.createDenoiser()
  const out = said.map(sample => sample * 32768)
  for (let n = 0; n + 480 <= out.length; n += 480) {
    beside.process(noise.slice())
    denoiser.process(out.subarray(n, n + 480))
  }
  t.same(
    out.map(sample => sample / 32768),
    alone,
  )
})

t.test('takes blocks of 10 ms only', async t => {
  const denoiser = (await loadRnnoise()).createDenoiser()
  for (const length of [0, 479, 960]) t.throws(() => denoiser.process(new Float32Array(length)), RangeError)
})

t.test('takes the next module where one does not load, and says why where none does', async t => {
  t.ok((await loadRnnoise(['no-such.wasm', 'rnnoise.wasm'])).createDenoiser())
  for (const modules of [['no-such.wasm'], ['speex.wasm']])
    await t.rejects(loadRnnoise(modules), {
      name: 'denoiseBroken',
      message: /goes on without: ./,
      hint: /--no-denoise/,
    })
})

t.test('is not made from what is no RNNoise', async t => {
  const opus = fileURLToPath(import.meta.resolve('@evan/opus/wasm/opus.wasm'))
  await t.rejects(createRnnoise(new Uint8Array(await readFile(opus))))
  await t.rejects(createRnnoise(new Uint8Array(100)))
})
