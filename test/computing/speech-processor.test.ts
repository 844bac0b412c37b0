import t from 'tap'
import { AudioProblem } from '../../peer/audio/audio.js'
import { loadSpeechProcessor } from '../../peer/audio/speech/load-speech-processor.js'
import { loadRnnoise } from '../../peer/audio/speech/rnnoise-file.js'
import { SpeechProcessor } from '../../peer/audio/speech/speech-processor.js'
import { intelligibility } from '../measure/stoi.js'
import {
  at,
  joined,
  level,
  mixed,
  type NoiseName,
  noises,
  purity,
  RATE,
  seconds,
  speech,
  toFloat,
  toInt16,
} from '../peer/audio/speech/room.js'

const LATE = 480
const names = Object.keys(noises) as NoiseName[]
const rnnoise = loadRnnoise()

async function processor(denoise: boolean, agc: boolean): Promise<SpeechProcessor> {
  return new SpeechProcessor({ denoiser: denoise ? (await rnnoise).createDenoiser() : null, agc })
}

/** Sound through a processor, and its gain after each frame of 20 ms, dB. */
function through(processor: SpeechProcessor, samples: Float32Array): { out: Float32Array; gains: number[] } {
  const out = toInt16(samples)
  const gains: number[] = []
  for (let n = 0; n + 960 <= out.length; n += 960) {
    processor.process(out.subarray(n, n + 960))
    gains.push(processor.gainDb)
  }
  return { out: toFloat(out), gains }
}

const largest = (samples: ArrayLike<number>) => Array.from(samples).reduce((most, x) => Math.max(most, Math.abs(x)), 0)

t.test('takes noise out of speech, and most of it out of pauses', async t => {
  for (const [name, snr, atLeast] of [
    ['congratulations', 5, 2.5],
    ['no-connection', 10, 0.8],
  ] as const) {
    const sentence = speech(name).subarray(0, 5 * RATE)
    const said = joined(sentence, seconds(2), sentence)
    const pause = (sound: Float32Array) =>
      level(sound.subarray(sentence.length + RATE / 2, sentence.length + 1.7 * RATE))
    const clean = through(await processor(false, false), said).out
    for (const noise of names) {
      const noisy = mixed(said, at(-20 - snr, noises[noise](said.length)))
      const before = through(await processor(false, false), noisy).out
      const after = through(await processor(true, false), noisy).out.subarray(LATE)
      const suppressed = pause(before) - pause(after)
      const gained = purity(clean.subarray(0, -LATE), after) - purity(clean, before)
      const [was, is] = [before, after].map(heard => intelligibility(said, heard, RATE).stoi)
      t.comment(
        `${noise}, ${snr} dB: pauses -${suppressed.toFixed(1)} dB, SI-SDR +${gained.toFixed(1)} dB, STOI ${was!.toFixed(3)} to ${is!.toFixed(3)}`,
      )
      t.ok(suppressed > 30, `${noise} at ${snr} dB in pauses`)
      t.ok(gained > atLeast, `${noise} at ${snr} dB beside speech`)
      t.ok(is! > was!, 'no less is understood')
    }
  }
})

t.test('leaves clean speech as it is, 10 ms late', async t => {
  for (const name of ['congratulations', 'no-connection'] as const) {
    const said = speech(name)
    const { out, gains } = through(await processor(true, true), said)
    const { stoi } = intelligibility(said, out.subarray(LATE), RATE)
    t.ok(stoi > 0.995, `STOI ${stoi.toFixed(4)}`)
    t.ok(intelligibility(said, out, RATE).stoi < stoi - 0.01, 'no earlier')
    t.ok(Math.abs(level(out) - level(said)) < 0.3, 'as loud')
    t.equal(largest(gains), 0)
  }
  const said = speech('congratulations')
  const { stoi } = intelligibility(said, through(await processor(false, true), said).out, RATE)
  t.ok(stoi > 0.999, `without suppression it is not late: STOI ${stoi.toFixed(4)}`)
})

t.test('brings quiet speech up and loud speech down, within seconds, and never clips', async t => {
  const said = joined(speech('congratulations'), speech('no-connection'))
  for (const denoise of [true, false]) {
    const quiet = through(await processor(denoise, true), at(-40, said))
    const end = (sound: Float32Array) => level(sound.subarray(-8 * RATE))
    t.ok(quiet.gains[8 * 50]! > 13, `${quiet.gains[8 * 50]!.toFixed(1)} dB after 8 s`)
    t.ok(Math.abs(end(quiet.out) + 23) < 2, `${end(quiet.out).toFixed(1)} dBFS`)
    const loud = through(
      await processor(denoise, true),
      said.map(sample => Math.max(-1, Math.min(1, sample * 4))),
    )
    t.ok(loud.gains[3 * 50]! < -6, `${loud.gains[3 * 50]!.toFixed(1)} dB after 3 s`)
    t.ok(end(loud.out) < -15)
    // Suddenly loud after the gain has risen.
    const sudden = through(await processor(denoise, true), joined(at(-40, said), at(-15, said)))
    const flat = sudden.out.filter((sample, i) => i > 0 && Math.abs(sample) > 0.999 && sudden.out[i - 1] === sample)
    t.equal(flat.length, 0, 'no run at full scale, as clipping has')
    t.ok(largest(sudden.out) > 0.8, 'it was loud')
  }
})

t.test('never raises noise alone', async t => {
  for (const denoise of [true, false])
    for (const noise of names)
      for (const db of [-55, -35]) {
        const { gains } = through(await processor(denoise, true), at(db, noises[noise](10 * RATE)))
        t.equal(largest(gains), 0, `${noise} at ${db} dBFS${denoise ? '' : ', suppression off'}`)
      }
})

t.test('a noise that begins raises the gain by less than 5 dB', async t => {
  for (const noise of names) {
    const room = joined(at(-70, noises.fan(2 * RATE)), at(-40, noises[noise](10 * RATE)))
    const { gains } = through(await processor(false, true), room)
    t.ok(largest(gains) < 5, `${noise}: ${largest(gains).toFixed(1)} dB`)
  }
})

t.test('keeps its gain over a pause, and noise in it does not come up', async t => {
  const sentence = at(-40, speech('congratulations'))
  const room = mixed(joined(sentence, seconds(8)), at(-60, noises.fan(sentence.length + 8 * RATE)))
  const { gains } = through(await processor(true, true), room)
  const end = sentence.length / 960
  t.ok(gains[Math.floor(end)]! > 10)
  t.ok(gains.at(-1)! - gains[Math.floor(end)]! < 0.1)
})

t.test('nothing said before a gap comes after it', async t => {
  for (const denoise of [true, false]) {
    const whole = await processor(denoise, true)
    through(whole, speech('congratulations').subarray(0, 96_000))
    whole.pause()
    whole.pause()
    const silence = new Int16Array(960)
    whole.process(silence)
    t.ok(largest(silence) <= 1, `${largest(silence)}`)
    if (!denoise) continue
    const without = await processor(true, true)
    through(without, speech('congratulations').subarray(0, 96_000))
    const rest = new Int16Array(960)
    without.process(rest)
    t.ok(largest(rest) > 10, 'which it would otherwise')
  }
})

t.test('says how late it is', async t => {
  t.equal((await processor(true, true)).delayMs, LATE / 48)
  t.equal((await processor(false, true)).delayMs, 0)
})

t.test('is made of what is wanted, and goes on where noise suppression does not load', async t => {
  const noise = at(-30, noises.fan(2 * RATE))
  const left = (made: { processor: unknown }) =>
    level(through(made.processor as SpeechProcessor, noise).out.subarray(RATE)) - level(noise)
  const all = await loadSpeechProcessor({ denoise: true, agc: true })
  t.equal(all.problem, null)
  t.ok(left(all) < -30)
  const none = await loadSpeechProcessor({ denoise: false, agc: false }, async () => {
    throw new Error('must not be loaded')
  })
  t.equal(none.problem, null)
  t.ok(left(none) > -6)
  const broken = await loadSpeechProcessor({ denoise: true, agc: true }, async () => {
    throw new AudioProblem('denoiseBroken', 'It is gone.', '')
  })
  t.match(broken.problem, { name: 'denoiseBroken', message: 'It is gone.' })
  t.ok(left(broken) > -6)
  for (const { processor } of [all, none, broken]) processor.close()
})
