import t from 'tap'
import { VirtualClock } from './virtual-clock.js'

t.test('runs timers at their own moments, first set first at ties', async t => {
  const clock = new VirtualClock(1000)
  const seen: string[] = []
  clock.setTimeout(() => seen.push(`b@${clock.now()}`), 20)
  clock.setTimeout(() => seen.push(`c@${clock.now()}`), 20)
  clock.setTimeout(() => {
    seen.push(`a@${clock.now()}`)
    clock.setTimeout(() => seen.push(`chained@${clock.now()}`), 5)
  }, 10)
  const never = clock.setTimeout(() => seen.push('never'), 15)
  clock.clearTimeout(never)
  clock.advance(19)
  t.same(seen, ['a@1010', 'chained@1015'])
  t.equal(clock.now(), 1019)
  t.equal(clock.pending, 2)
  clock.advance(1)
  t.same(seen.slice(2), ['b@1020', 'c@1020'])
  t.equal(clock.pending, 0)
})

t.test('steps to the next deadline', async t => {
  const clock = new VirtualClock()
  let fired = 0
  clock.setTimeout(() => fired++, 250)
  t.equal(clock.step(), true)
  t.equal(clock.now(), 250)
  t.equal(fired, 1)
  t.equal(clock.step(), false)
})
