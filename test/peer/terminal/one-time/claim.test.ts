import t from 'tap'
import { claimNumber, numbersToTry } from '../../../../peer/terminal/one-time/claim.js'
import { isRendezvous, MAX_RENDEZVOUS, rendezvousIds } from '../../../../protocol/rendezvous.js'
import { testRandom } from '../../../signaling/fake-client.js'

t.test('tries three numbers of each length, the short ones first, each once', async t => {
  for (let seed = 1; seed <= 200; seed++) {
    const numbers = [...numbersToTry(testRandom(seed))]
    t.same(
      numbers.map(number => String(number).length),
      [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6],
    )
    t.equal(new Set(numbers).size, numbers.length)
    t.ok(numbers.every(number => number >= 1 && number <= MAX_RENDEZVOUS && isRendezvous(rendezvousIds(number).guest)))
  }
})

t.test('begins with each of the nine short ones about as often', async t => {
  const random = testRandom(3)
  const counts = new Map<number, number>()
  for (let i = 0; i < 9_000; i++) {
    const first = numbersToTry(random).next().value!
    counts.set(first, (counts.get(first) ?? 0) + 1)
  }
  t.same([...counts.keys()].sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9])
  t.ok(
    [...counts.values()].every(count => count > 850 && count < 1_150),
    JSON.stringify([...counts]),
  )
})

t.test('takes the first that is free, and asks for no other', async t => {
  const asked: string[] = []
  const number = await claimNumber(async id => asked.push(id) === 5, testRandom(1))
  t.equal(asked.length, 5)
  t.equal(asked.at(-1), `${number}.a`)
})

t.test('gives up when all are taken, and at once when something else is wrong', async t => {
  let asked = 0
  t.equal(await claimNumber(async () => ++asked > 1_000, testRandom(1)), null)
  t.equal(asked, 18)
  await t.rejects(
    claimNumber(() => Promise.reject(new Error('no server')), testRandom(1)),
    /no server/,
  )
})
