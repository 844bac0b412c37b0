import t from 'tap'
import { HeardFilter } from '../../../peer/session/heard-filter.js'

t.test('tells of every fourth frame while they come each 20 ms', async t => {
  const filter = new HeardFilter()
  const told = [0, 20, 40, 60, 80, 100, 120, 140, 160].filter(now => filter.passes('relay', now))
  t.same(told, [0, 80, 160])
})

t.test('tells of the first frame after a silence at once', async t => {
  const filter = new HeardFilter()
  filter.passes('relay', 0)
  t.equal(filter.passes('relay', 20), false)
  t.equal(filter.passes('relay', 500), true)
})

t.test('never leaves 80 ms untold, however late and bunched the frames come', async t => {
  const filter = new HeardFilter()
  const arrivals = Array.from({ length: 500 }, (_, n) => n * 20 + ((n * 7919) % 61)).sort((a, b) => a - b)
  let told = Number.NEGATIVE_INFINITY
  const untold = arrivals.map(now => {
    if (filter.passes('relay', now)) told = now
    return now - told
  })
  t.ok(Math.max(...untold) < 80, `at most ${Math.max(...untold)} ms`)
})

t.test('tells of every third frame of the direct route, whatever comes over the relay', async t => {
  const filter = new HeardFilter()
  const told = [0, 20, 40, 60, 80, 100, 120].filter(now => {
    filter.passes('relay', now)
    return filter.passes('direct', now)
  })
  t.same(told, [0, 60, 120])
})
