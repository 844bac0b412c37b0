import t from 'tap'
import { defaultLimits, type Limits } from '../../signaling/limits.js'
import { Quotas, quotaNames, usedUpSentence } from '../../signaling/quotas.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const quotas = (limits: Partial<Limits>, most?: number) => new Quotas({ ...defaultLimits, ...limits }, most)
const anna = { id: 'anna', address: '10.0.0.1' }
const ben = { id: 'ben', address: '10.0.0.1' }

t.test('there is none unless it is set, and nothing is remembered', async t => {
  const none = quotas({})
  t.notOk(none.any)
  none.add(anna, { calls: 1e9, bytes: 1e15, ms: 1e12 }, 0)
  t.equal(none.usedUp(anna, 0, 'begin'), null)
  t.equal(none.size, 0)
  t.ok(quotas({ quotaMsPerAddress: 1 }).any)
})

t.test('calls of an id: the last one is free, the next one is not, until a day after the first', async t => {
  const calls = quotas({ quotaCallsPerId: 3 })
  for (const at of [100, 200, 300]) {
    t.equal(calls.usedUp(anna, at, 'begin'), null)
    calls.add(anna, { calls: 1 }, at)
  }
  t.match(calls.usedUp(anna, 400, 'begin'), { name: 'callsPerId', limit: 3, freeInMs: DAY - 300 })
  t.equal(calls.usedUp(ben, 400, 'begin'), null, "another's are another's")
  t.equal(calls.usedUp({ id: null, address: '10.0.0.1' }, 400, 'begin'), null)
  t.ok(calls.usedUp(anna, 100 + DAY - 1, 'begin'))
  t.equal(calls.usedUp(anna, 100 + DAY, 'begin'), null)
  t.equal(calls.size, 0, 'and it is forgotten')
})

t.test('an address is counted for all who come from it, also for those without an id of their own', async t => {
  const bytes = quotas({ quotaBytesPerAddress: 1_000 })
  bytes.add(anna, { bytes: 400 }, 0)
  bytes.add(ben, { bytes: 400 }, 0)
  bytes.add({ id: null, address: '10.0.0.1' }, { bytes: 199 }, 0)
  t.equal(bytes.usedUp(anna, 0, 'begin'), null)
  bytes.add(ben, { bytes: 1 }, 0)
  for (const user of [anna, ben, { id: null, address: '10.0.0.1' }])
    t.match(bytes.usedUp(user, 0, 'begin'), { name: 'megabytesPerAddress' })
  t.equal(bytes.usedUp({ id: 'anna', address: null }, 0, 'begin'), null, 'whose address is not known here')
})

t.test('a running call gets a minute beyond it, and no more', async t => {
  const hours = quotas({ quotaMsPerId: HOUR })
  hours.add(anna, { ms: HOUR }, 0)
  t.ok(hours.usedUp(anna, 0, 'begin'))
  t.equal(hours.usedUp(anna, 0, 'stop'), null)
  hours.add(anna, { ms: 59_999 }, 0)
  t.equal(hours.usedUp(anna, 0, 'stop'), null)
  hours.add(anna, { ms: 1 }, 0)
  t.match(hours.usedUp(anna, 0, 'stop'), { name: 'hoursPerId' })
})

t.test('how many calls there were is nothing to a running one; to come back is allowed some times more', async t => {
  const calls = quotas({ quotaCallsPerId: 2 })
  calls.add(anna, { calls: 21 }, 0)
  t.match(
    (['begin', 'comeBack', 'warn', 'stop'] as const).map(allowance => calls.usedUp(anna, 0, allowance)?.name ?? null),
    ['callsPerId', null, null, null],
  )
  calls.add(anna, { calls: 1 }, 0)
  t.ok(calls.usedUp(anna, 0, 'comeBack'))
  t.equal(calls.usedUp(anna, 0, 'stop'), null)
})

t.test('of several that are used up it tells the one that takes longest', async t => {
  const both = quotas({ quotaCallsPerId: 1, quotaCallsPerAddress: 2 })
  both.add(ben, { calls: 1 }, 0)
  both.add(anna, { calls: 1 }, HOUR)
  t.match(both.usedUp(anna, HOUR, 'begin'), { name: 'callsPerId', freeInMs: DAY })
  t.match(both.usedUp(ben, HOUR, 'begin'), { name: 'callsPerId', freeInMs: DAY - HOUR })
  t.match(both.usedUp({ id: null, address: '10.0.0.1' }, HOUR, 'begin'), {
    name: 'callsPerAddress',
    freeInMs: DAY - HOUR,
  })
})

t.test('remembers so many at most: those whose day is over go first, then the oldest', async t => {
  const few = quotas({ quotaCallsPerId: 1 }, 3)
  const user = (id: string) => ({ id, address: null })
  for (const [n, id] of ['a', 'b', 'c'].entries()) few.add(user(id), { calls: 1 }, n)
  few.add(user('d'), { calls: 1 }, 3)
  t.equal(few.size, 3)
  t.equal(few.usedUp(user('a'), 3, 'begin'), null)
  for (const id of ['b', 'c', 'd']) t.ok(few.usedUp(user(id), 3, 'begin'), id)
  few.add(user('e'), { calls: 1 }, DAY + 2)
  t.equal(few.size, 2, 'b and c are over')
  t.ok(few.usedUp(user('d'), DAY + 2, 'begin'))
})

t.test('tells how many have used more than 80 % of each', async t => {
  const some = quotas({ quotaCallsPerId: 10, quotaCallsPerAddress: 20 })
  t.same(Object.keys(some.nearlyUsedUp(0)), quotaNames)
  for (let n = 0; n < 9; n++) some.add(anna, { calls: 1 }, 0)
  for (let n = 0; n < 8; n++) some.add(ben, { calls: 1 }, 0)
  t.match(some.nearlyUsedUp(0), { callsPerId: 1, callsPerAddress: 1, hoursPerId: 0 })
  t.match(some.nearlyUsedUp(DAY), { callsPerId: 0, callsPerAddress: 0 })
})

t.test('says what is used up and when there is more', async t => {
  const all = {
    quotaCallsPerId: 1,
    quotaCallsPerAddress: 100,
    quotaBytesPerId: 500_000_000,
    quotaBytesPerAddress: 1_500_000,
    quotaMsPerId: HOUR,
    quotaMsPerAddress: 10 * HOUR,
  }
  const sentences = Object.entries(all).map(([name, limit]) => {
    const one = quotas({ [name]: limit })
    one.add(anna, { calls: limit, bytes: limit, ms: limit }, 0)
    return usedUpSentence(one.usedUp(anna, DAY - 90 * 60_000 + 1, 'begin')!)
  })
  const end = ', and that is used up: there is more in 90 minutes.'
  t.same(sentences, [
    `This server allows one id 1 call a day${end}`,
    `This server allows one address 100 calls a day${end}`,
    `This server allows one id 500 MB of relayed voice a day${end}`,
    `This server allows one address 1.5 MB of relayed voice a day${end}`,
    `This server allows one id 1 hour of relayed voice a day${end}`,
    `This server allows one address 10 hours of relayed voice a day${end}`,
  ])
  const one = quotas({ quotaCallsPerId: 1 })
  one.add(anna, { calls: 1 }, 0)
  t.match(usedUpSentence(one.usedUp(anna, 0, 'begin')!), /in 24 hours\.$/)
  t.match(usedUpSentence(one.usedUp(anna, DAY - 1, 'begin')!), /in 1 minute\.$/)
})
