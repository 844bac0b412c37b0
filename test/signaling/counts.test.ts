import t from 'tap'
import { Counts } from '../../signaling/counts.js'

t.test('counts up and down, and keeps nothing of what there is none of', async t => {
  const counts = new Counts()
  counts.remove('a')
  t.equal(counts.of('a'), 0, 'never below none')
  for (const key of ['a', 'b', 'a', '__proto__']) counts.add(key)
  t.same(
    ['a', 'b', '__proto__', 'c'].map(key => counts.of(key)),
    [2, 1, 1, 0],
  )
  t.equal(counts.size, 3)
  for (const key of ['a', 'b', '__proto__']) counts.remove(key)
  t.same([counts.of('a'), counts.size], [1, 1])
  counts.remove('a')
  t.equal(counts.size, 0)
})
