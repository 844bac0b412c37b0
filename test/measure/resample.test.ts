import t from 'tap'
import { resample } from './resample.js'

const sine = (hz: number, rate: number, seconds = 0.5) =>
  Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate))

/** Largest difference, away from the ends, where the kernel lacks input. */
function difference(a: Float32Array, b: Float32Array, skip: number): number {
  let worst = 0
  for (let i = skip; i < a.length - skip; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!))
  return worst
}

for (const [from, to] of [
  [16_000, 10_000],
  [48_000, 16_000],
  [44_100, 16_000],
  [16_000, 48_000],
  [48_000, 10_000],
] as const) {
  t.test(`keeps tones in place from ${from} to ${to} samples a second`, async t => {
    for (const hz of [100, 1000, 4000]) {
      const [got, want] = [resample(sine(hz, from), from, to), sine(hz, to)]
      t.equal(got.length, want.length)
      t.ok(difference(got, want, Math.ceil(to / 100)) < 0.001, `${hz} Hz`)
    }
  })
}

t.test('takes out what the lower rate cannot hold', async t => {
  const got = resample(sine(6000, 48_000), 48_000, 10_000)
  t.ok(difference(got, new Float32Array(got.length), 100) < 0.001)
})

t.test('leaves a recording of the same rate as it is', async t => {
  const samples = sine(440, 16_000)
  t.equal(resample(samples, 16_000, 16_000), samples)
})
