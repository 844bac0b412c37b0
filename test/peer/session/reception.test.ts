import t from 'tap'
import { Reception } from '../../../peer/session/reception.js'
import { SeededRandom } from '../../simulation/seeded-random.js'

/** Packets 0 to `count`, without those that are lost. */
function through(count: number, lost: (n: number) => boolean): Reception {
  const reception = new Reception()
  for (let n = 0; n < count; n++) if (!lost(n)) reception.note(n)
  return reception
}

t.test('tells nothing lost where nothing was, or nothing came yet', async t => {
  t.same(new Reception().losses(), { lost: 0, burst: 0 })
  t.same(through(1, () => false).losses(), { lost: 0, burst: 0 })
  t.same(through(1000, () => false).losses(), { lost: 0, burst: 0 })
})

t.test('tells how much is lost, and in what runs', async t => {
  t.same(through(1000, n => n % 10 === 5).losses(), { lost: 100, burst: 1 })
  t.same(through(1000, n => n % 20 < 3).losses(), { lost: 150, burst: 3 })
})

t.test('tells of the last 200 only', async t => {
  t.same(through(1000, n => n < 790 && n % 2 === 1).losses(), { lost: 0, burst: 0 })
  const reception = through(1000, () => false)
  for (let n = 1000; n < 1100; n++) if (n % 5) reception.note(n)
  t.ok(reception.losses().lost > 80)
})

t.test('takes what was overtaken, or comes late, for no loss', async t => {
  const reception = new Reception()
  for (let n = 0; n < 500; n += 2) {
    reception.note(n + 1)
    reception.note(n)
  }
  t.same(reception.losses(), { lost: 0, burst: 0 })
  for (let n = 500; n < 600; n++) if (n !== 550) reception.note(n)
  t.equal(reception.losses().burst, 1)
  reception.note(550)
  t.same(reception.losses(), { lost: 0, burst: 0 })
})

t.test('leaves outages out: no repetition bridges them', async t => {
  t.same(through(1000, n => n > 900 && n < 960).losses(), { lost: 0, burst: 0 })
  t.ok(through(1000, n => n > 900 && n < 909).losses().lost > 30)
})

t.test('starts where it begins to listen, and jumps as far as it likes', async t => {
  const reception = new Reception()
  for (let n = 70_000; n < 70_100; n++) reception.note(n)
  t.same(reception.losses(), { lost: 0, burst: 0 })
  for (let n = 400_000; n < 400_100; n++) reception.note(n)
  t.same(reception.losses(), { lost: 0, burst: 0 })
  reception.note(5)
  t.same(reception.losses(), { lost: 0, burst: 0 })
})

t.test('measures what waits in a queue, through jitter and drift', async t => {
  const random = new SeededRandom(3)
  const reception = new Reception()
  let now = 0
  const run = (frames: number, extra: (n: number) => number) => {
    for (let n = 0; n < frames; n++) {
      now += 20.004
      const jitter = 20 * random.next()
      reception.took('direct', Math.round(now / 20.004), now + jitter + extra(n))
    }
  }
  run(1000, () => 0)
  t.ok(reception.late(now) < 15, `${reception.late(now)} ms without a queue`)
  run(25, n => 8 * n)
  const late = reception.late(now + 192)
  t.ok(late > 90 && late < 210, `${late} ms in a queue of 200`)
  run(25, n => 200 - 8 * n)
  t.ok(reception.late(now) < 45, `${reception.late(now)} ms after it`)
})

t.test('goes by the better of two routes, and forgets in time what was quick', async t => {
  const reception = new Reception()
  let now = 0
  const run = (frames: number, direct: number, relay: number) => {
    for (let n = 0; n < frames; n++) {
      now += 20
      reception.took('direct', now / 20, now + direct)
      reception.took('relay', now / 20, now + relay)
    }
  }
  run(100, 10, 60)
  run(20, 210, 60)
  t.equal(reception.late(now), 0, 'the relay is as it was')
  run(20, 210, 100)
  t.equal(reception.late(now), 40)
  run(1100, 210, 100)
  t.equal(reception.late(now), 0, 'after 20 s that is how long it takes')
  t.equal(reception.late(now + 5000), 0, 'nothing comes')
})
