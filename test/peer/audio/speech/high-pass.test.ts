import t from 'tap'
import { HighPass } from '../../../../peer/audio/speech/high-pass.js'
import { level, noises } from './room.js'

/** What is left of a tone, dB, once the filter has settled. */
function response(hz: number): number {
  const tone = Float32Array.from({ length: 48_000 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 48_000))
  const out = tone.slice()
  new HighPass().apply(out)
  return level(out.subarray(24_000)) - level(tone.subarray(24_000))
}

t.test('is a Butterworth high-pass of second order at 80 Hz', async t => {
  for (const hz of [30, 50, 80, 100, 200, 1000]) {
    // The bilinear transform bends frequencies, far below half the rate not to be seen.
    const promised = -10 * Math.log10(1 + (80 / hz) ** 4)
    t.ok(Math.abs(response(hz) - promised) < 0.05, `${hz} Hz: ${response(hz).toFixed(2)} dB`)
  }
})

t.test('takes a constant out, which some microphones have', async t => {
  const constant = new Float32Array(48_000).fill(0.3)
  new HighPass().apply(constant)
  t.ok(constant.subarray(24_000).every(sample => Math.abs(sample) < 1e-6))
})

t.test('does the same in blocks of any size', async t => {
  const whole = noises.pink(4800)
  const parts = whole.slice()
  new HighPass().apply(whole)
  const filter = new HighPass()
  for (let at = 0, size = 1; at < parts.length; at += size, size = (size * 7) % 480)
    filter.apply(parts.subarray(at, at + size))
  t.same(parts, whole)
})

t.test('forgets', async t => {
  const filter = new HighPass()
  filter.apply(noises.white(480))
  filter.reset()
  t.same(new Set(runs(filter)), new Set([0]))
})

function runs(filter: HighPass): Float32Array {
  const silence = new Float32Array(480)
  filter.apply(silence)
  return silence
}
