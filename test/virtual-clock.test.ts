import t from 'tap'
import { SeededRandom } from './simulation/seeded-random.js'
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

t.test('runs what is set for now within the same step, after what was set before', async t => {
  const clock = new VirtualClock()
  const seen: string[] = []
  clock.setTimeout(() => {
    seen.push('a')
    clock.setTimeout(() => seen.push('c'), 0)
  }, 10)
  clock.setTimeout(() => seen.push('b'), 10)
  clock.step()
  t.same(seen, ['a', 'b', 'c'])
  t.equal(clock.now(), 10)
})

t.test('takes odd delays as none', async t => {
  const clock = new VirtualClock(5)
  let fired = 0
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) clock.setTimeout(() => fired++, ms)
  clock.advance(0)
  t.equal(fired, 3)
  t.equal(clock.now(), 5)
})

t.test('steps to just the deadline, where adding up falls short of it by a rounding', async t => {
  const clock = new VirtualClock()
  let fired = 0
  clock.setTimeout(() => fired++, 3.1)
  clock.advance(0.8)
  t.ok(0.8 + (3.1 - 0.8) < 3.1)
  t.equal(clock.step(), true)
  t.equal(fired, 1)
  t.equal(clock.now(), 3.1)
})

t.test('counts what waits, however often a timer is cleared and when', async t => {
  const clock = new VirtualClock()
  const seen: string[] = []
  const ran = clock.setTimeout(() => seen.push('ran'), 1)
  const own = clock.setTimeout(() => clock.clearTimeout(own), 2)
  const twin = clock.setTimeout(() => clock.clearTimeout(last), 3)
  const last = clock.setTimeout(() => seen.push('never'), 3)
  clock.setTimeout(() => seen.push('end'), 4)
  clock.advance(2)
  t.equal(clock.pending, 3)
  for (const timer of [ran, own, null, undefined]) clock.clearTimeout(timer)
  t.equal(clock.pending, 3, 'they are over, or none')
  clock.advance(1)
  t.equal(clock.pending, 1)
  clock.clearTimeout(twin)
  clock.clearTimeout(last)
  t.equal(clock.pending, 1)
  clock.advance(1)
  t.same(seen, ['ran', 'end'])
  t.equal(clock.pending, 0)
  t.equal(clock.step(), false)
})

t.test('skips a cleared timer that would be next: the time does not stop there', async t => {
  const clock = new VirtualClock()
  const gone = clock.setTimeout(() => {}, 10)
  clock.setTimeout(() => {}, 20)
  clock.clearTimeout(gone)
  t.equal(clock.step(), true)
  t.equal(clock.now(), 20)
})

t.test('runs thousands of timers, set and cleared at random, in the order of a plain list', async t => {
  const clock = new VirtualClock()
  const random = new SeededRandom(7)
  let waiting: { id: number; due: number; timer: unknown }[] = []
  const ran: number[] = []
  let ids = 0
  for (let round = 0; round < 300; round++) {
    for (let n = 0; n < 40; n++) {
      const id = ids++
      // Few deadlines, many ties.
      const ms = Math.floor(random.between(0, 400))
      waiting.push({ id, due: clock.now() + ms, timer: clock.setTimeout(() => ran.push(id), ms) })
    }
    // Now and then nearly all go, as when a world ends.
    const share = round % 50 === 49 ? 0.99 : 0.5
    waiting = waiting.filter(({ timer }) => {
      const stays = !random.chance(share)
      if (!stays) clock.clearTimeout(timer)
      return stays
    })
    if (clock.pending !== waiting.length) t.equal(clock.pending, waiting.length, `round ${round}`)
    const end = clock.now() + 20
    const due = waiting.filter(entry => entry.due <= end).sort((a, b) => a.due - b.due || a.id - b.id)
    waiting = waiting.filter(entry => entry.due > end)
    ran.length = 0
    clock.advance(20)
    const expected = due.map(entry => entry.id)
    if (String(ran) !== String(expected)) return t.same(ran, expected, `round ${round}`)
  }
  t.ok(ids === 12_000)
})

t.test('a delay that is less than a rounding passes all the same', async t => {
  const clock = new VirtualClock(1e6)
  const due = clock.now() + 1e-10
  let turns = 0
  const look = () => {
    turns++
    if (clock.now() < due && turns < 10) clock.setTimeout(look, due - clock.now())
  }
  look()
  clock.advance(1)
  t.equal(turns, 2)
})
