import t from 'tap'
import { current, grantsOf, NO_MEMBERS, redeem, remove, savedMembers } from '../../signaling/members.js'

const key = (letter: string) => letter.repeat(43)
const [A, B] = [key('a'), key('b')]
const invitation = (n: number, id: string | null = null, ends = 1000) => ({
  serial: Uint8Array.of(n, 0, 0, 0, 0, 0, 0, 0),
  ends,
  id,
})
const redeemed = (...args: Parameters<typeof redeem>) => {
  const result = redeem(...args)
  if (!result.ok) throw new Error(result.error.name)
  return result.value
}

t.test('an invitation is for the first key that shows it, for good', async t => {
  const one = redeemed(NO_MEMBERS, A, invitation(1, 'Anna'), 10)
  t.same(grantsOf(one), [{ key: A, id: 'Anna' }])
  t.equal(current(one)[0]?.since, 10)
  t.equal(redeemed(one, A, invitation(1, 'Anna'), 20), one, 'the same key again changes nothing')
  t.match(redeem(one, B, invitation(1, 'Anna'), 20), { error: { name: 'used' } })
  const two = redeemed(one, B, invitation(2), 20)
  t.same(grantsOf(two), [
    { key: A, id: 'Anna' },
    { key: B, id: null },
  ])
})

t.test('whoever was removed does not come back by the same invitation, nor does another key by it', async t => {
  const one = redeemed(NO_MEMBERS, A, invitation(1), 10)
  const none = remove(one, new Set([A]))
  t.same(grantsOf(none), [])
  t.match(redeem(none, A, invitation(1), 20), { error: { name: 'withdrawn' } })
  t.match(redeem(none, B, invitation(1), 20), { error: { name: 'used' } })
  t.same(grantsOf(redeemed(none, A, invitation(2), 20)), [{ key: A, id: null }], 'by a new one it does')
})

t.test('what was removed is forgotten when its invitation would have ended anyway', async t => {
  const none = remove(redeemed(NO_MEMBERS, A, invitation(1, null, 1000), 10), new Set([A]))
  t.equal(redeemed(none, B, invitation(2), 999).members.length, 2)
  t.equal(redeemed(none, B, invitation(2), 1000).members.length, 1)
})

t.test('removes by key, and says by giving back the same when there was none', async t => {
  const one = redeemed(NO_MEMBERS, A, invitation(1), 10)
  t.equal(remove(one, new Set([B])), one)
  t.equal(remove(NO_MEMBERS, new Set()), NO_MEMBERS)
  const none = remove(one, new Set([A]))
  t.equal(remove(none, new Set([A])), none)
})

t.test("an id that is a member's goes to no other key", async t => {
  const one = redeemed(NO_MEMBERS, A, invitation(1, 'Anna'), 10)
  t.match(redeem(one, B, invitation(2, 'ANNA'), 20), { error: { name: 'idTaken' } })
  t.ok(redeem(one, A, invitation(2, 'anna'), 20).ok)
  t.ok(redeem(remove(one, new Set([A])), B, invitation(2, 'anna'), 20).ok, 'once it is free')
})

t.test('takes from a file only what it could have written', async t => {
  const [member] = redeemed(NO_MEMBERS, A, invitation(1, 'Anna'), 10).members
  const fits = (change: object) =>
    savedMembers.safeParse(JSON.parse(JSON.stringify({ version: 1, members: [{ ...member, ...change }] }))).success
  t.ok(fits({}))
  t.ok(fits({ id: null }))
  for (const change of [
    { key: 'x' },
    { id: '' },
    { id: 'a b' },
    { serial: 'x' },
    { since: -1 },
    { removed: 0 },
    { more: 1 },
  ])
    t.notOk(fits(change), JSON.stringify(change))
})
