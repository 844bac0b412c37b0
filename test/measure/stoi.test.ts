/**
 * The numbers were computed by a second implementation: numpy, written as loops after the Matlab code that was published
 * with the papers, with scipy.signal.resample_poly (Kaiser window, beta 8) for the rate; a third one agrees to 1e-6.
 * The echo and the modulation were computed by a fourth one, numpy again, vectorised and after the two papers' formulas alone, with the
 * same resampling; it gives the other figures too, to the last digit.
 * "As if 10 kHz": the same samples with the rate given as 10 000, so that no resampling comes in between.
 */
import t from 'tap'
import { type SpeechName, speechPath } from '../speech/speech.js'
import { whiteNoise } from './noise.js'
import { rms } from './sound.js'
import { intelligibility } from './stoi.js'
import { readWav } from './wav.js'

type Change = (said: Float32Array) => Float32Array

/** White noise of seed 1 at a ratio of the RMS over the whole recording, dB. */
const noisy =
  (snr: number): Change =>
  said => {
    const noise = Float32Array.from(whiteNoise(said.length, 1))
    const gain = (rms(said) / rms(noise)) * 10 ** (-snr / 20)
    return said.map((value, i) => value + gain * noise[i]!)
  }

const changes: Record<string, Change> = {
  'an untouched copy': said => said,
  'noise at -5 dB': noisy(-5),
  'noise at 0 dB': noisy(0),
  'noise at 10 dB': noisy(10),
  '320 of each 1600 samples missing': said => said.map((value, i) => (i % 1600 < 320 ? 0 : value)),
  'an echo of half the level after 800 samples': said => said.map((value, i) => value + 0.5 * (said[i - 800] ?? 0)),
  'a level that goes up and down 4 times a second': said =>
    said.map((value, i) => value * (0.55 + 0.45 * Math.sin((2 * Math.PI * 4 * i) / 16_000))),
  'clipping at 0.05': said => said.map(value => Math.max(-0.05, Math.min(0.05, value))),
}

/** [recording, change, STOI and ESTOI as if 10 kHz, STOI and ESTOI at 16 kHz] */
const expected: [SpeechName, string, number, number, number, number][] = [
  ['congratulations', 'an untouched copy', 1, 1, 1, 1],
  ['congratulations', 'noise at -5 dB', 0.560775, 0.24252, 0.688478, 0.396942],
  ['congratulations', 'noise at 0 dB', 0.626201, 0.328313, 0.757393, 0.502565],
  ['congratulations', 'noise at 10 dB', 0.776303, 0.537206, 0.889411, 0.722324],
  ['congratulations', '320 of each 1600 samples missing', 0.811792, 0.779078, 0.87339, 0.827448],
  ['congratulations', 'clipping at 0.05', 0.787917, 0.630587, 0.803527, 0.691194],
  ['congratulations', 'an echo of half the level after 800 samples', 0.907234, 0.78286, 0.924628, 0.819644],
  ['congratulations', 'a level that goes up and down 4 times a second', 0.783822, 0.81038, 0.809467, 0.853413],
  ['no-connection', 'an echo of half the level after 800 samples', 0.900838, 0.755163, 0.916985, 0.803021],
  ['no-connection', 'a level that goes up and down 4 times a second', 0.769314, 0.805978, 0.775923, 0.846697],
  ['no-connection', 'noise at 0 dB', 0.635727, 0.31117, 0.752399, 0.498843],
  ['no-connection', '320 of each 1600 samples missing', 0.790585, 0.752959, 0.850622, 0.812809],
]

for (const [name, change, stoi, estoi, stoi16, estoi16] of expected) {
  t.test(`agrees with the independent figures on ${name} with ${change}`, async t => {
    const { samples } = readWav(speechPath(name))
    const heard = changes[change]!(samples)
    const exact = intelligibility(samples, heard, 10_000)
    t.ok(Math.abs(exact.stoi - stoi) < 2e-6, `STOI ${exact.stoi} for ${stoi}`)
    t.ok(Math.abs(exact.estoi - estoi) < 2e-6, `ESTOI ${exact.estoi} for ${estoi}`)
    const resampled = intelligibility(samples, heard, 16_000)
    t.ok(Math.abs(resampled.stoi - stoi16) < 0.003, `STOI ${resampled.stoi} for ${stoi16}`)
    t.ok(Math.abs(resampled.estoi - estoi16) < 0.006, `ESTOI ${resampled.estoi} for ${estoi16}`)
  })
}

t.test('does not mind the level', async t => {
  const { samples, rate } = readWav(speechPath('no-connection'))
  const { stoi, segments } = intelligibility(
    samples,
    samples.map(value => value * 0.1),
    rate,
  )
  t.ok(stoi > 0.99999)
  t.equal(segments, 717)
})

t.test('gives other speech a low mark', async t => {
  const [a, b] = [readWav(speechPath('congratulations')), readWav(speechPath('no-connection'))]
  t.ok(intelligibility(a.samples, b.samples, a.rate).stoi < 0.3)
})

t.test('says that it judged nothing when there is too little', async t => {
  const { stoi, segments } = intelligibility(new Float32Array(1000), new Float32Array(1000), 16_000)
  t.equal(segments, 0)
  t.ok(Number.isNaN(stoi))
})
