import t from 'tap'
import { LossMeter } from '../../../peer/session/loss-meter.js'

function metered(...orders: number[]): LossMeter {
  const meter = new LossMeter()
  for (const order of orders) meter.note(order)
  return meter
}

t.test('counts what is missing, per mille', async t => {
  t.equal(metered().take(), 0, 'nothing came')
  t.equal(metered(0, 1, 2, 3).take(), 0)
  t.equal(metered(0, 1, 3).take(), 250)
  t.equal(metered(0, 9).take(), 800)
  t.equal(metered(7).take(), 0, 'what came before the first is not known')
})

t.test('takes any order', async t => {
  t.equal(metered(0, 3, 1, 2).take(), 0)
  t.equal(metered(5, 8, 4).take(), 500, 'what is older than the first is not counted')
})

t.test('counts anew from one look to the next', async t => {
  const meter = metered(0, 1, 3)
  t.equal(meter.take(), 250)
  t.equal(meter.take(), 0, 'nothing was sent since')
  for (const order of [4, 5]) meter.note(order)
  t.equal(meter.take(), 0)
  meter.note(9)
  t.equal(meter.take(), 750)
})

t.test('what comes late makes up for an earlier loss, and never gives less than none', async t => {
  const meter = metered(0, 5)
  t.equal(meter.take(), 667)
  for (const order of [1, 2, 6]) meter.note(order)
  t.equal(meter.take(), 0)
  for (const order of [7, 9]) meter.note(order)
  t.equal(meter.take(), 333)
})

t.test('is exact over a long call with one loss in a hundred', async t => {
  const meter = new LossMeter()
  for (let order = 0; order < 100_000; order++) if (order % 100 !== 50) meter.note(order)
  t.equal(meter.take(), 10)
})
