import t from 'tap'
import { editDistance } from '../../protocol/edit-distance.js'

t.test('counts letters to insert, drop, change or swap, the same both ways', async t => {
  for (const [a, b, distance] of [
    ['', '', 0],
    ['', 'abc', 3],
    ['route', 'route', 0],
    ['rout', 'route', 1],
    ['rotue', 'route', 1],
    ['kitten', 'sitting', 3],
    ['jabra', 'jabar', 1],
  ] as const) {
    t.equal(editDistance(a, b), distance, `${a} ${b}`)
    t.equal(editDistance(b, a), distance)
  }
})
