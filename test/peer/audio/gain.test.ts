import fc from 'fast-check'
import t from 'tap'
import { Gain, limited } from '../../../peer/audio/gain.js'
import { levelOf } from '../../../peer/audio/level.js'

const sine = (amplitude: number, samples = 960) =>
  Int16Array.from({ length: samples }, (_, i) => Math.round(amplitude * Math.sin(i / 10)))

/** What comes out once the gain has been reached. */
function played(percent: number, samples: Int16Array): Int16Array {
  const gain = new Gain()
  gain.set(percent)
  gain.apply(new Int16Array(10))
  const out = samples.slice()
  gain.apply(out)
  return out
}

t.test('leaves sound at 100 % as it is, to the bit', async t => {
  const loud = sine(32767)
  t.same(played(100, loud), loud)
})

t.test('is what its percentage says, below the knee', async t => {
  for (const percent of [10, 50, 110, 200]) {
    const change = levelOf(played(percent, sine(8_000))) - levelOf(sine(8_000))
    t.ok(Math.abs(change - 20 * Math.log10(percent / 100)) < 0.05, `${percent} %: ${change.toFixed(2)} dB`)
  }
})

t.test('bends peaks: never beyond full scale, never back, and the same on both sides', async t => {
  fc.assert(
    fc.property(
      fc.double({ min: -70_000, max: 70_000, noNaN: true }),
      fc.double({ min: 0, max: 1_000, noNaN: true }),
      (x, more) => {
        const y = limited(x)
        return Math.abs(y) <= 32767 && limited(-x) === -y && limited(x + more) >= y && Math.abs(y) <= Math.abs(x)
      },
    ),
  )
  const out = played(200, sine(32_000))
  t.ok(out.every(sample => Math.abs(sample) <= 32767))
  const flat = out.filter((sample, i) => i > 0 && Math.abs(sample) === 32767 && out[i - 1] === sample).length
  t.equal(flat, 0, 'no run at full scale, as clipping has')
})

t.test('changes without a step', async t => {
  const gain = new Gain()
  const constant = () => new Int16Array(960).fill(10_000)
  gain.set(200)
  const [first, second] = [constant(), constant()]
  gain.apply(first)
  gain.apply(second)
  t.ok(Math.abs(first[0]! - 10_000) < 50)
  t.equal(first[959], 20_000)
  t.equal(second[0], 20_000)
  const steps = first.slice(1).map((sample, i) => Math.abs(sample - first[i]!))
  t.ok(Math.max(...steps) < 20)
})

t.test('takes blocks of any length', async t => {
  const gain = new Gain()
  gain.set(50)
  gain.apply(new Int16Array(0))
  const one = Int16Array.of(10_000)
  gain.apply(one)
  t.equal(one[0], 5_000)
})
