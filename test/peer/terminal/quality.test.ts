import t from 'tap'
import { average, damageOf, HISTORY, QualityMeter, qualityOf, qualityWord } from '../../../peer/terminal/quality.js'
import { stats } from './views.js'

const heard = { silent: false, peerMuted: false }
const figures = (framesLost: number, framesConcealed = framesLost) => stats({ framesLost, framesConcealed })

t.test('falls with damage as the E-model does', async t => {
  const rounded = [0, 1, 5, 10, 100].map(damaged => Math.round(qualityOf(damaged)))
  t.same(rounded, [100, 91, 67, 50, 9])
  for (const damaged of [0, 1, 5, 10, 99]) t.ok(Math.abs(damageOf(qualityOf(damaged)) - damaged) < 1e-9)
  t.equal(damageOf(0), 100)
  t.same(
    [0, 2.5, 3, 10, 11].map(damaged => qualityWord(qualityOf(damaged))),
    ['good', 'good', 'fair', 'fair', 'poor'],
  )
})

t.test('judges each second by what was lost or made up in it', async t => {
  const meter = new QualityMeter()
  t.equal(meter.take(figures(100), heard, 0), null, 'nothing to compare with')
  t.equal(meter.take(figures(100), heard, 1_000), 100)
  t.equal(meter.take(figures(105), heard, 2_000), qualityOf(10), '5 of 50 frames')
  t.equal(meter.take(figures(105, 115), heard, 3_000), qualityOf(20), 'made up though not lost')
  t.equal(meter.take(figures(110, 115), heard, 5_000), qualityOf(5), 'of 100 frames, when the look comes late')
  t.equal(meter.take(figures(110, 115), { ...heard, silent: true }, 6_000), 0, 'nothing comes')
  t.equal(meter.take(figures(130), { ...heard, peerMuted: true }, 7_000), null, 'nothing is meant to come')
  t.same(meter.history.length, 6)
})

t.test('remembers a minute', async t => {
  const meter = new QualityMeter()
  for (let second = 0; second <= 100; second++) meter.take(figures(0), heard, second * 1_000)
  t.equal(meter.history.length, HISTORY)
  t.equal(meter.forgotten, 40)
})

t.test('averages what could be judged', async t => {
  t.equal(average([0, 50, null, 100], 3), 75)
  t.equal(average([null, null], 5), null)
  t.equal(average([], 5), null)
})
