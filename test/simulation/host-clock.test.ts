import t from 'tap'
import { VirtualClock } from '../virtual-clock.js'
import { HostClock } from './host-clock.js'

function clocks() {
  const world = new VirtualClock(1_000)
  const clock = new HostClock(world)
  const ran: string[] = []
  const set = (name: string, ms: number) => clock.setTimeout(() => ran.push(`${name} at ${clock.now()}`), ms)
  return { world, clock, ran, set }
}

t.test('runs timers as the world does, and counts those that wait', async t => {
  const { world, clock, ran, set } = clocks()
  set('b', 20)
  set('a', 10)
  clock.clearTimeout(set('never', 15))
  t.equal(clock.pending, 2)
  world.advance(100)
  t.strictSame(ran, ['a at 1010', 'b at 1020'])
  t.equal(clock.pending, 0)
  t.equal(clock.ran, 2)
})

t.test('stopped, it goes on but runs nothing; then what is overdue, in the order of the deadlines', async t => {
  const { world, clock, ran, set } = clocks()
  set('c', 300)
  set('b', 200)
  set('a', 100)
  set('d', 2_000)
  clock.stop()
  world.advance(1_000)
  t.strictSame(ran, [])
  t.equal(clock.pending, 4)
  clock.go()
  t.strictSame(ran, ['a at 2000', 'b at 2000', 'c at 2000'])
  world.advance(1_000)
  t.strictSame(ran.at(-1), 'd at 3000')
})

t.test('an overdue timer may clear another, and set one', async t => {
  const { world, clock, ran, set } = clocks()
  clock.setTimeout(() => {
    clock.clearTimeout(second)
    set('third', 0)
  }, 10)
  const second = set('second', 20)
  clock.stop()
  world.advance(100)
  clock.go()
  t.strictSame(ran, [])
  world.advance(1)
  t.strictSame(ran, ['third at 1100'])
})

t.test('asleep, it stands still; awake, timers have as long to go as before', async t => {
  const { world, clock, ran, set } = clocks()
  set('a', 100)
  world.advance(40)
  clock.sleep()
  world.advance(10_000)
  t.equal(clock.now(), 1_040)
  t.strictSame(ran, [])
  clock.wake()
  world.advance(59)
  t.strictSame(ran, [])
  world.advance(1)
  t.strictSame(ran, ['a at 1100'])
  t.equal(world.now() - clock.now(), 10_000)
})

t.test('a stopped process on a machine that sleeps and wakes up still stands still', async t => {
  const { world, clock, ran, set } = clocks()
  set('a', 100)
  clock.stop()
  world.advance(200)
  clock.sleep()
  world.advance(1_000)
  clock.wake()
  world.advance(1_000)
  t.strictSame(ran, [])
  clock.go()
  t.strictSame(ran, ['a at 2200'])
})

t.test('a process that goes on while its machine sleeps runs when that wakes up', async t => {
  const { world, clock, ran, set } = clocks()
  set('a', 100)
  clock.stop()
  clock.sleep()
  world.advance(1_000)
  clock.go()
  world.advance(1_000)
  t.strictSame(ran, [])
  clock.wake()
  world.advance(100)
  t.strictSame(ran, ['a at 1100'])
})

t.test('ended, it runs nothing any more and leaves nothing behind', async t => {
  const { world, clock, ran, set } = clocks()
  set('a', 10)
  clock.end()
  set('b', 10)
  world.advance(100)
  t.strictSame(ran, [])
  t.equal(clock.pending + world.pending, 0)
})
