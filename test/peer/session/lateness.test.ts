import t from 'tap'
import { Lateness } from '../../../peer/session/lateness.js'

/** Frames of the moments `from` to `to` come so late, ms, on top of a difference of clocks. */
function comes(
  lateness: Lateness,
  route: 'direct' | 'relay',
  from: number,
  to: number,
  late: (at: number) => number,
  both = false,
) {
  for (let at = from; at <= to; at++) lateness.note(route, at, 5_000 + at * 20 + late(at), both)
}

t.test('what comes as evenly as ever is in time, however long its way', async t => {
  const lateness = new Lateness()
  t.equal(lateness.isLate, false, 'nothing is known yet')
  comes(lateness, 'direct', 0, 200, at => 300 + (at % 3) * 20)
  t.equal(lateness.isLate, false)
})

t.test('a queue on the way is noticed when it holds more than 50 ms', async t => {
  const lateness = new Lateness()
  comes(lateness, 'direct', 0, 100, () => 20)
  comes(lateness, 'direct', 101, 105, at => 20 + (at - 100) * 10)
  t.equal(lateness.isLate, false)
  comes(lateness, 'direct', 106, 106, () => 80)
  t.equal(lateness.isLate, true)
  comes(lateness, 'direct', 107, 107, () => 20)
  t.equal(lateness.isLate, false, 'the queue is gone')
})

t.test('what the relay brought in time a moment ago is the measure of the direct route that follows it', async t => {
  const lateness = new Lateness()
  comes(lateness, 'relay', 0, 50, () => 40)
  comes(lateness, 'direct', 51, 51, () => 95)
  t.equal(lateness.isLate, true)
  comes(lateness, 'direct', 52, 52, () => 85)
  t.equal(lateness.isLate, false)
})

t.test('while voice is asked for on both routes only the relay of now is held against the direct one', async t => {
  const lateness = new Lateness()
  comes(lateness, 'direct', 0, 50, () => 20)
  comes(lateness, 'direct', 51, 55, () => 200, true)
  t.equal(lateness.isLate, false, 'nothing comes over the relay')
  comes(lateness, 'relay', 56, 65, () => 220, true)
  comes(lateness, 'direct', 65, 65, () => 200, true)
  t.equal(lateness.isLate, false, 'both are late: that is the way to us')
  comes(lateness, 'relay', 66, 75, () => 40, true)
  comes(lateness, 'direct', 75, 75, () => 200, true)
  t.equal(lateness.isLate, true, 'the relay is quicker')
})

t.test('a delay that stays is the usual one after 2 s', async t => {
  const lateness = new Lateness()
  comes(lateness, 'direct', 0, 50, () => 20)
  comes(lateness, 'direct', 51, 120, () => 100)
  t.equal(lateness.isLate, true)
  comes(lateness, 'direct', 121, 180, () => 100)
  t.equal(lateness.isLate, false)
})

t.test('one that is trusted again, or is new, has no past', async t => {
  const lateness = new Lateness()
  comes(lateness, 'relay', 0, 10, () => 0)
  comes(lateness, 'direct', 11, 11, () => 500)
  t.equal(lateness.isLate, true)
  lateness.begin()
  t.equal(lateness.isLate, false)
  comes(lateness, 'direct', 12, 60, () => 500)
  t.equal(lateness.isLate, false)
})
