import t from 'tap'
import { Resampler } from '../../../peer/audio/resampler.js'

/** A tone at `from`, resampled in pieces of odd sizes, against the best fitting tone at `to`: signal to noise, dB. */
function snr(from: number, to: number, hz: number): { db: number; level: number } {
  const resampler = new Resampler(from, to)
  const out: number[] = []
  for (let position = 0, piece = 1; position < from / 2; piece = (piece * 7) % 1009) {
    const input = Float32Array.from({ length: piece }, (_, i) => Math.sin((2 * Math.PI * hz * (position + i)) / from))
    position += piece
    out.push(...resampler.process(input))
  }
  const heard = out.slice(1000, 1000 + Math.floor(to / 4))
  // Least squares for the amplitudes of sine and cosine.
  let [ss, sc, cc, ys, yc, yy] = [0, 0, 0, 0, 0, 0]
  for (const [i, y] of heard.entries()) {
    const [s, c] = [Math.sin((2 * Math.PI * hz * i) / to), Math.cos((2 * Math.PI * hz * i) / to)]
    ss += s * s
    sc += s * c
    cc += c * c
    ys += y * s
    yc += y * c
    yy += y * y
  }
  const det = ss * cc - sc * sc
  const [a, b] = [(ys * cc - yc * sc) / det, (yc * ss - ys * sc) / det]
  const signal = a * ys + b * yc
  return { db: 10 * Math.log10(signal / Math.max(1e-20, yy - signal)), level: 10 * Math.log10((2 * yy) / heard.length) }
}

t.test('keeps a tone clean from any rate', async t => {
  for (const [from, hz] of [
    [8000, 1000],
    [8000, 3000],
    [16000, 440],
    [22050, 5000],
    [44100, 997],
    [44100, 15000],
    [96000, 1000],
  ] as const) {
    const { db, level } = snr(from, 48000, hz)
    t.ok(db > 70, `${hz} Hz from ${from}: ${db.toFixed(0)} dB`)
    t.ok(Math.abs(level) < 0.1, 'as loud as before')
  }
})

t.test('lets nothing through that the new rate cannot hold', async t => {
  t.ok(snr(96000, 48000, 30000).level < -70)
  t.ok(snr(192000, 48000, 60000).level < -70)
})

t.test('gives as many samples as time has', async t => {
  const resampler = new Resampler(44100, 48000)
  let count = 0
  for (let i = 0; i < 441; i++) count += resampler.process(new Float32Array(1000)).length
  t.ok(Math.abs(count - 480_000) < 60, `${count} for ten seconds`)
})
