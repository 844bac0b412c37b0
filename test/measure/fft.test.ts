import t from 'tap'
import { Correlator } from './correlate.js'
import { Fft } from './fft.js'
import { whiteNoise } from './noise.js'

t.test('transforms as the definition says', async t => {
  const size = 64
  const [re, im] = [whiteNoise(size, 1), whiteNoise(size, 2)]
  const [gotRe, gotIm] = [re.slice(), im.slice()]
  new Fft(size).forward(gotRe, gotIm)
  for (let k = 0; k < size; k++) {
    let [sumRe, sumIm] = [0, 0]
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * k * n) / size
      sumRe += re[n]! * Math.cos(angle) - im[n]! * Math.sin(angle)
      sumIm += re[n]! * Math.sin(angle) + im[n]! * Math.cos(angle)
    }
    t.ok(Math.hypot(gotRe[k]! - sumRe, gotIm[k]! - sumIm) < 1e-12, `bin ${k}`)
  }
})

t.test('comes back by the inverse', async t => {
  const [re, im] = [whiteNoise(256, 3), whiteNoise(256, 4)]
  const [a, b] = [re.slice(), im.slice()]
  const fft = new Fft(256)
  fft.forward(a, b)
  fft.inverse(a, b)
  t.ok(a.every((value, i) => Math.abs(value - re[i]!) < 1e-12))
  t.ok(b.every((value, i) => Math.abs(value - im[i]!) < 1e-12))
})

t.test('refuses sizes that are no power of two', async t => {
  t.throws(() => new Fft(48), RangeError)
})

t.test('correlates as the definition says', async t => {
  const signal = Float32Array.from(whiteNoise(300, 5))
  const pattern = Float32Array.from(whiteNoise(40, 6))
  const got = new Correlator(300).correlate(pattern, signal)
  t.equal(got.length, 261)
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
  for (const [place, value] of got.entries()) {
    const part = signal.subarray(place, place + 40)
    t.ok(Math.abs(value - dot(pattern, part) / Math.sqrt(dot(pattern, pattern) * dot(part, part))) < 1e-6)
  }
})

t.test('finds a pattern where it lies, at any level', async t => {
  const signal = Float32Array.from(whiteNoise(1000, 7))
  const got = new Correlator(1000).correlate(
    signal.slice(700, 800).map(value => value * 0.01),
    signal,
  )
  t.equal(got.indexOf(Math.max(...got)), 700)
  t.ok(got[700]! > 0.9999)
})
