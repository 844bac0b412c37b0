import t from 'tap'
import { parseId } from '../../protocol/id.js'
import { counterpartOf, isRendezvous, MAX_RENDEZVOUS, rendezvousIds } from '../../protocol/rendezvous.js'

t.test('the two ids of each number are ids, differ, and are rendezvous ids', async t => {
  for (const number of [1, 7, 42, MAX_RENDEZVOUS]) {
    const { inviter, guest } = rendezvousIds(number)
    t.not(inviter, guest)
    for (const id of [inviter, guest, inviter.toUpperCase()]) t.ok(parseId(id).ok && isRendezvous(id), id)
  }
})

t.test('the two are for each other', async t => {
  t.same(['7.a', '7.b', '12.A', '12.B', 'ABC', '7.c'].map(counterpartOf), ['7.b', '7.a', '12.b', '12.a', null, null])
})

t.test("a person's id is none", async t => {
  for (const id of ['7', '7.c', '7.ab', 'a.7', '7a', '.a', '-7.a', '1234567.a', ' 7.a', '7.a ', '7.a\n', '7.a.b'])
    t.notOk(isRendezvous(id), JSON.stringify(id))
  t.notOk(isRendezvous(rendezvousIds(MAX_RENDEZVOUS + 1).inviter), 'beyond the last number')
})
