import t from 'tap'
import { AutomaticGain } from '../../../../peer/audio/speech/automatic-gain.js'

/** 10 ms of a tone of this level (dBFS RMS), as a part of a longer one. */
function tone(db: number, block: number): Float32Array {
  const amplitude = 32768 * Math.SQRT2 * 10 ** (db / 20)
  return Float32Array.from(
    { length: 480 },
    (_, i) => amplitude * Math.sin(((block * 480 + i) * 2 * Math.PI * 300) / 48_000),
  )
}

/** `s` of speech, or of what is none: the gain after each block, dB. */
function hear(gain: AutomaticGain, s: number, db: number, speech = true): number[] {
  return Array.from({ length: s * 100 }, (_, n) => {
    gain.apply(tone(db, n), speech)
    return gain.db
  })
}

t.test('leaves ordinary speech as it is, to the bit', async t => {
  for (const db of [-22.9, -20, -17.1]) {
    const gain = new AutomaticGain()
    hear(gain, 5, db)
    const block = tone(db, 0)
    gain.apply(block, true)
    t.same(block, tone(db, 0), `${db} dBFS`)
  }
})

t.test('brings others near the ordinary level, within its bounds', async t => {
  for (const [db, wanted] of [
    [-30, 7],
    [-38, 15],
    [-55, 18],
    [-12, -5],
    [-6, -11],
    [-3, -12],
  ] as const) {
    const gain = new AutomaticGain()
    hear(gain, 10, db)
    t.ok(Math.abs(gain.db - wanted) < 0.1, `${db} dBFS: ${gain.db.toFixed(1)} dB`)
  }
})

t.test('rises by 3 dB a second of speech, and falls by 10', async t => {
  const gain = new AutomaticGain()
  const rising = hear(gain, 4, -45)
  t.equal(rising[28], 0, 'it listens first')
  t.ok(Math.abs(rising[399]! - rising[99]! - 9) < 0.01, `${(rising[399]! - rising[99]!).toFixed(2)} dB in 3 s`)
  const falling = hear(gain, 3, -30)
  const steps = falling.map((db, n) => (falling[n - 1] ?? rising.at(-1)!) - db)
  t.ok(Math.max(...steps) < 0.1001)
})

t.test('stays where it is while nobody speaks', async t => {
  const gain = new AutomaticGain()
  const before = hear(gain, 3, -40).at(-1)
  t.same(new Set(hear(gain, 10, -60, false)), new Set([before]))
  t.same(new Set(hear(new AutomaticGain(), 10, -40, false)), new Set([0]))
})

t.test('gives way at once where it would make something too loud, speech or not', async t => {
  const gain = new AutomaticGain()
  hear(gain, 10, -50)
  t.equal(gain.db, 18)
  const bang = hear(gain, 0.5, -8, false)
  t.ok(Math.abs(bang[29]! - 9) < 0.01, `${bang[29]!.toFixed(1)} dB after 0.3 s`)
  t.ok(bang.at(-1)! >= 0, 'and no further than what it had added')
})

t.test('changes without a step', async t => {
  const gain = new AutomaticGain()
  let last: number | null = null
  let most = 0
  for (let n = 0; n < 1500; n++) {
    // Up, and down again from the fifth second on.
    const block = new Float32Array(480).fill(n < 500 ? 150 : 9000)
    gain.apply(block, true)
    for (const sample of block) {
      if (last !== null && n !== 500) most = Math.max(most, Math.abs(sample / last - 1))
      last = sample
    }
    if (n === 499) t.ok(gain.db > 10)
  }
  t.ok(gain.db < 0, 'it went both ways')
  t.ok(most < 0.0003, `${(100 * most).toFixed(4)} % from one sample to the next`)
})
