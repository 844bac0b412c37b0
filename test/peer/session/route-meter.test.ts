import t from 'tap'
import { RouteMeter } from '../../../peer/session/route-meter.js'

t.test('counts what was lost on a route while it was in use', async t => {
  const meter = new RouteMeter()
  for (let order = 0; order < 100; order++) if (order % 10 !== 5) meter.note(order)
  t.same(meter.take(), { rttMs: null, lossPct: 10 })
  t.same(meter.take(), { rttMs: null, lossPct: 0 }, 'nothing came since')
})

t.test('does not count what went another way', async t => {
  const meter = new RouteMeter()
  for (let order = 0; order < 100; order++) meter.note(order)
  meter.take()
  for (let order = 5_000; order < 5_100; order++) meter.note(order)
  t.same(meter.take(), { rttMs: null, lossPct: 0 })
})

t.test('keeps the round trip that was measured on it', async t => {
  const meter = new RouteMeter()
  meter.measured(12.4)
  meter.take()
  t.equal(meter.take().rttMs, 12.4)
})
