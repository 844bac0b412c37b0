import t from 'tap'
import { LogDigest } from '../../signaling/log-digest.js'
import { VirtualClock } from '../virtual-clock.js'

t.test('writes a line each until there are too many, then counts them and tells the sums', async t => {
  const clock = new VirtualClock(1_000_000_000_000)
  const lines: [object, string][] = []
  const digest = new LogDigest({ warn: (fields, message) => lines.push([fields, message]) }, clock)
  for (let n = 0; n < 100; n++) digest.warn({ why: 'slow' }, 'refused')
  t.equal(lines.length, 100)
  t.same(lines[0], [{ why: 'slow' }, 'refused'])
  for (let n = 0; n < 1000; n++) digest.warn({ why: n % 4 ? 'slow' : 'tooMany' }, 'refused')
  digest.warn({ why: 'ECONNRESET' }, 'socket error')
  t.equal(lines.length, 100)
  clock.advance(9999)
  t.equal(lines.length, 100)
  clock.advance(1)
  const counts = { 'refused: slow': 750, 'refused: tooMany': 250, 'socket error: ECONNRESET': 1 }
  t.same(lines.slice(100), [[{ counts }, 'and more']])
  for (let n = 0; n < 50; n++) digest.warn({ why: 'slow' }, 'refused')
  t.equal(lines.length, 151, 'five a second have come back')
  digest.warn({ why: 'slow' }, 'refused')
  t.equal(lines.length, 151)
  digest.flush()
  t.same(lines.slice(151), [[{ counts: { 'refused: slow': 1 } }, 'and more']])
  digest.flush()
  clock.advance(60_000)
  t.equal(lines.length, 152, 'nothing is told twice')
})
