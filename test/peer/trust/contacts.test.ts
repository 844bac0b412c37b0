import t from 'tap'
import { ContactsInMemory } from '../../../peer/trust/contacts.js'

const [one, other] = [1, 2].map(byte => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]

t.test('finds who was pinned, whatever the case of the id, as it was shown', async t => {
  const contacts = new ContactsInMemory(() => 7)
  t.equal(contacts.find('XYZ'), null)
  contacts.pin('XyZ', one, 'code')
  t.same(contacts.find('xYz'), { id: 'XyZ', key: one, since: 7, how: 'code' })
  t.equal(contacts.find('__proto__'), null)
})

t.test('keeps the key that was pinned first', async t => {
  let now = 7
  const contacts = new ContactsInMemory(() => now++)
  contacts.pin('XYZ', one, 'code')
  contacts.pin('xyz', other, 'password')
  t.match(contacts.find('XYZ'), { id: 'XYZ', key: one, since: 7, how: 'code' })
})
