import t from 'tap'
import { type SpeechName, speechPath } from '../speech/speech.js'
import { measureDelay } from './delay.js'
import { judge } from './hearing.js'
import { whiteNoise } from './noise.js'
import { resample } from './resample.js'
import { between, endOf, firstSound, looped, type Sound } from './sound.js'
import { readWav } from './wav.js'

const EPOCH = 1_700_000_000_000

const files = {
  congratulations: readWav(speechPath('congratulations')),
  'no-connection': readWav(speechPath('no-connection')),
}

function said(name: SpeechName): Sound {
  return { ...files[name], startedAt: EPOCH }
}

const known = new Map<Float32Array, Float32Array>()

function at48({ samples, rate }: Sound): Float32Array {
  const out = known.get(samples) ?? resample(samples, rate, 48_000)
  known.set(samples, out)
  return out
}

/** What a call would play: `delays` = [from this ms of saying on, delay in samples of 48 kHz]; starts `later` ms after. */
function through(source: Sound, delays: [number, number][], later = 0, ms = 0): Sound {
  const samples = at48(source)
  const out = new Float32Array(ms ? ms * 48 : samples.length)
  for (const [n, [from, delay]] of delays.entries()) {
    const until = (delays[n + 1]?.[0] ?? Number.POSITIVE_INFINITY) * 48
    for (let i = from * 48; i < Math.min(until, samples.length); i++) {
      const place = i + delay - later * 48
      if (place >= 0 && place < out.length) out[place] = samples[i]!
    }
  }
  return { samples: out, rate: 48_000, startedAt: source.startedAt + later }
}

t.test('measures a delay to a hundredth of a millisecond, between samples as well', async t => {
  const source = said('congratulations')
  for (const delay of [0, 4001, 60_013]) {
    const { p50, p95, min, max, track, windows } = measureDelay(source, through(source, [[0, delay]]))
    for (const figure of [p50, p95, min, max])
      t.ok(Math.abs(figure - delay / 48) < 0.01, `${figure} ms for ${delay / 48} ms`)
    t.equal(track.length, windows, 'each window matches')
    t.ok(windows > 30)
  }
})

t.test('takes the two starts into account', async t => {
  const source = said('no-connection')
  for (const later of [-700, 37, 700]) {
    const heard = through(source, [[0, 9600]], later, 10_000)
    t.ok(Math.abs(measureDelay(source, heard).p50 - 200) < 0.01)
  }
  const early = { ...through(source, [[0, 0]]), startedAt: EPOCH - 20 }
  t.ok(Math.abs(measureDelay(source, early).p50 + 20) < 0.01, 'a clock that is wrong shows')
})

t.test('follows a delay that changes', async t => {
  const source = said('congratulations')
  const { track } = measureDelay(
    source,
    through(source, [
      [0, 4800],
      [6000, 24_000],
      [8000, 4800],
    ]),
  )
  const near = (ms: number, delay: number) => {
    const point = track.find(point => Math.abs(point.at - EPOCH - ms) <= 300)
    t.ok(point && Math.abs(point.delayMs - delay) < 0.05, `${point?.delayMs} ms at ${ms} ms`)
  }
  near(3000, 100)
  near(6500, 500)
  near(10_000, 100)
})

t.test('knows a looping microphone and takes no repetition for another', async t => {
  const source = said('no-connection')
  const all = looped(source, EPOCH + 25_000)
  t.equal(all.samples.length, 400_000)
  t.equal(all.samples[16_000 * 15], source.samples[Math.round(16_000 * 4.7)])
  t.equal(endOf(all), EPOCH + 25_000)
  const delay = measureDelay(all, through(all, [[0, 48 * 130]]))
  t.ok(Math.abs(delay.min - 130) < 0.01 && Math.abs(delay.max - 130) < 0.01)
  t.ok(delay.windows > 75)
})

t.test('matches nothing in other speech', async t => {
  const { track, windows } = measureDelay(said('congratulations'), said('no-connection'))
  t.ok(windows > 20)
  t.ok(track.length <= windows / 8, `${track.length} of ${windows}`)
})

t.test('gives full marks to speech that only came late and changed its delay', async t => {
  const source = said('congratulations')
  const result = judge(
    source,
    through(
      source,
      [
        [0, 4800],
        [7000, 9600],
      ],
      0,
      12_500,
    ),
  )
  t.ok(result.stoi > 0.99 && result.estoi > 0.98, `${result.stoi} ${result.estoi}`)
  t.same(result.gaps, [])
  t.ok(Math.abs(result.ms - 12_000) < 150)
})

t.test('finds the gaps, and where they are', async t => {
  const source = said('no-connection')
  const heard = through(source, [[0, 4800]], 0, 11_000)
  const holes = [
    [2000, 60],
    [4000, 20],
    [5500, 200],
  ] as const
  for (const [at, ms] of holes) heard.samples.fill(0, (at + 100) * 48, (at + 100 + ms) * 48)
  const { gaps, stoi } = judge(source, heard)
  // Quiet moments of the speech inside a hole are no gap, so one hole may count as two: compare what lies in each.
  for (const [at, ms] of holes) {
    const inside = gaps.filter(gap => gap.atMs >= at - 10 && gap.atMs + gap.ms <= at + ms + 10)
    const total = inside.reduce((sum, gap) => sum + gap.ms, 0)
    t.ok(total > ms * 0.4 && total <= ms + 10, `${total} ms at ${at} ms`)
  }
  t.ok(
    gaps.every(gap => holes.some(([at, ms]) => gap.atMs >= at - 10 && gap.atMs <= at + ms)),
    'and nowhere else',
  )
  t.ok(stoi < 0.99)
})

t.test('says when nothing was heard', async t => {
  const source = said('no-connection')
  const silence = { samples: new Float32Array(480_000), rate: 48_000, startedAt: EPOCH }
  const result = judge(source, silence)
  t.ok(Number.isNaN(result.stoi))
  t.equal(result.firstSoundAt, undefined)
  t.equal(result.delay.track.length, 0)
  t.ok(result.delay.windows > 25)
})

t.test('tells the first sound from silence and from faint noise', async t => {
  const samples = Float32Array.from(whiteNoise(48_000, 1), value => value * 0.001)
  samples.fill(0.1, 30_000)
  const first = firstSound({ samples, rate: 48_000, startedAt: EPOCH })
  t.equal(first, EPOCH + 620)
})

t.test('cuts a part out and keeps its place in time', async t => {
  const source = said('no-connection')
  const part = between(source, EPOCH + 2000, EPOCH + 5000)
  t.equal(part.startedAt, EPOCH + 2000)
  t.equal(endOf(part), EPOCH + 5000)
  t.equal(part.samples[0], source.samples[32_000])
  t.equal(between(source, EPOCH - 500, EPOCH + 99_000).samples.length, source.samples.length)
  t.ok(Math.abs(measureDelay(part, through(source, [[0, 4800]])).p50 - 100) < 0.01)
})
