import t from 'tap'
import { Turns } from '../../signaling/turns.js'

const turn = () => new Promise(resolve => setImmediate(resolve))

t.test('does one thing a turn, in order, and others have theirs in between', async t => {
  const turns = new Turns()
  const done: string[] = []
  for (const name of ['a', 'b', 'c'])
    turns.take(() => {
      done.push(name)
      if (name === 'a') turns.take(() => done.push('d'))
    })
  t.same(done, [])
  t.equal(turns.waiting, 3)
  for (let n = 1; n <= 4; n++) {
    await turn()
    t.same(done, ['a', 'b', 'c', 'd'].slice(0, n))
  }
  t.equal(turns.waiting, 0)
  turns.take(() => done.push('e'))
  await turn()
  t.equal(done.at(-1), 'e')
})
