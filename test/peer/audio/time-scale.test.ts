import t from 'tap'
import { loadOpus } from '../../../peer/audio/opus-file.js'
import { TimeScale } from '../../../peer/audio/time-scale.js'
import { SeededRandom } from '../../simulation/seeded-random.js'
import { clickiness } from './click-measure.js'
import { encoded, speechFrames } from './listening.js'

/** A voiced sound: three harmonics of a pitch of `hz`. */
const voiced = (hz: number, from = 0) =>
  Int16Array.from({ length: 960 }, (_, i) => {
    const phase = (2 * Math.PI * hz * (from + i)) / 48_000
    return Math.round(6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase + 1) + 1500 * Math.sin(3 * phase + 2))
  })

const noise = (size: number) => {
  const random = new SeededRandom(5)
  return Int16Array.from({ length: 960 }, () => Math.round(random.between(-size, size)))
}

const power = (samples: Int16Array) => samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length

t.test('takes out and puts in whole periods, so that voice only gets shorter or longer', async t => {
  for (const hz of [80, 100, 125, 200, 330]) {
    const scale = new TimeScale()
    const frame = voiced(hz)
    const before = frame.slice()
    const shorter = scale.squeeze(frame, 720, 0.9).slice()
    const longer = scale.stretch(frame, 720, 0.9).slice()
    t.same(frame, before, 'what goes in stays as it is')
    for (const [name, scaled] of [
      ['squeeze', shorter],
      ['stretch', longer],
    ] as const) {
      const moved = Math.abs(scaled.length - 960)
      const periods = (moved * hz) / 48_000
      t.ok(moved >= 120 && moved <= 720, `${name} ${hz} Hz: ${moved} samples`)
      t.ok(Math.abs(periods - Math.round(periods)) < 0.02, `${name} ${hz} Hz: ${periods.toFixed(3)} periods`)
      const off = scaled.reduce((worst, sample, i) => Math.max(worst, Math.abs(sample - voiced(hz, i)[0]!)), 0)
      t.ok(off < 400, `${name} ${hz} Hz: goes on as the voice does, within ${off}`)
      t.equal(scaled[0], frame[0])
      t.equal(scaled.at(-1), frame.at(-1))
    }
  }
})

t.test('moves by no more than it may', async t => {
  const scale = new TimeScale()
  t.equal(scale.squeeze(voiced(100), 100, 0.9).length, 960, 'less than any period')
  t.equal(scale.squeeze(voiced(100), 400, 0.9).length, 960, 'less than its period')
  t.equal(scale.squeeze(voiced(100), 480, 0.9).length, 480)
  t.equal(scale.squeeze(voiced(330), 200, 0.9).length, 960 - 145)
})

t.test('cuts noise anywhere, as loud as it was, and a pause to the sample', async t => {
  const scale = new TimeScale()
  const hiss = noise(4000)
  for (const most of [200, 480, 700]) {
    const [shorter, longer] = [scale.squeeze(hiss, most, 0.9).slice(), scale.stretch(hiss, most, 0.9)]
    for (const scaled of [shorter, longer]) {
      t.not(scaled.length, 960)
      t.ok(Math.abs(10 * Math.log10(power(scaled) / power(hiss))) < 0.7)
    }
  }
  t.equal(scale.squeeze(noise(20), 333, 0.9).length, 960 - 333)
  t.equal(scale.squeeze(new Int16Array(960), 700, 0.9).length, 960 - 480)
  t.equal(scale.stretch(new Int16Array(960), 333, 0.9).length, 960 + 333)
})

t.test('leaves the start of a sound alone', async t => {
  const scale = new TimeScale()
  const onset = voiced(100)
  onset.fill(0, 0, 200)
  t.equal(scale.squeeze(onset, 400, 0.85), onset)
  t.equal(scale.stretch(onset, 400, 0.85), onset)
})

t.test('recorded speech does not click where it is scaled', async t => {
  const speech = speechFrames(500)
  for (const way of ['squeeze', 'stretch'] as const) {
    const scale = new TimeScale()
    const parts: Int16Array[] = []
    let moved = 0
    for (let at = 0; at < 500; at++) {
      const frame = speech.slice(at * 960, (at + 1) * 960)
      const scaled = at % 3 === 0 ? scale[way](frame, 720, 0.5).slice() : frame
      if (scaled.length !== 960) moved++
      parts.push(scaled)
    }
    const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let end = 0
    for (const part of parts) {
      whole.set(part, end)
      end += part.length
    }
    t.ok(moved > 100, `${way}: ${moved} frames`)
    const worst = Math.max(...clickiness(whole).map(({ size }) => size))
    t.ok(worst < 8, `${way}: ${worst.toFixed(1)}`)
  }
})

t.test('what Opus made is scaled in most frames at least a little', async t => {
  const codec = await loadOpus()
  const decoder = codec.createDecoder()
  const scale = new TimeScale()
  let scaled = 0
  const packets = encoded(codec, speechFrames(300))
  for (const packet of packets) {
    const decoded = decoder.decode(packet)
    if (decoded.ok && scale.squeeze(decoded.value, 720, 0.85).length < 960) scaled++
  }
  t.ok(scaled > 150, `${scaled} of ${packets.length}`)
})
