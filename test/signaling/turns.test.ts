import t from 'tap'
import { Turns } from '../../signaling/turns.js'

const turn = () => new Promise(resolve => setImmediate(resolve))

t.test('does as much in a turn as fits into its share, and at least one', async t => {
  let now = 0
  const turns = new Turns(() => now)
  const done: number[] = []
  const costs = [0.5, 0.5, 0.5, 0.6, 7, 1, 1, 1]
  costs.forEach((ms, n) => {
    turns.take('a', () => {
      done.push(n)
      now += ms
    })
  })
  t.same(done, [], 'not now')
  for (const many of [4, 5, 7, 8]) {
    await turn()
    t.same(done, costs.map((_, n) => n).slice(0, many))
  }
  t.equal(turns.waiting, 0)
})

t.test('takes one of each address after the other', async t => {
  let now = 0
  const turns = new Turns(() => now)
  const done: string[] = []
  const act = (address: string, name: string) =>
    turns.take(address, () => {
      done.push(name)
      now += 3
    })
  for (let n = 0; n < 100; n++) act('flood', `flood ${n}`)
  await turn()
  act('b', 'b')
  act('c', 'c')
  for (let n = 0; n < 4; n++) await turn()
  t.same(done, ['flood 0', 'flood 1', 'b', 'c', 'flood 2'])
})

t.test('goes on after what is added meanwhile, and after a mistake', async t => {
  const turns = new Turns(() => 0)
  const done: string[] = []
  turns.take('a', () => turns.take('a', () => done.push('added')))
  await turn()
  await turn()
  t.same(done, ['added'])
  const caught = new Promise(resolve => process.once('uncaughtException', resolve))
  turns.take('a', () => {
    throw new Error('a mistake')
  })
  turns.take('a', () => done.push('after'))
  t.match(await caught, { message: 'a mistake' })
  while (turns.waiting > 0) await turn()
  t.same(done, ['added', 'after'])
})

t.test('does nothing more in the turn in which something has begun that computes at its end', async t => {
  const turns = new Turns(() => 0)
  const done: string[] = []
  for (const name of ['a', 'b', 'c', 'd'])
    turns.take(name, () => {
      done.push(name)
      return name === 'b' || name === 'c'
    })
  const seen: number[] = []
  for (let n = 0; n < 3; n++) {
    await turn()
    seen.push(done.length)
  }
  t.same(seen, [2, 3, 4])
})
