/** One-time calls on a private server: a member makes the code, and whoever is told it needs no invitation. */
import t from 'tap'
import { toBase64url } from '../../protocol/bytes.js'
import type { Identity } from '../../protocol/identity.js'
import { encodeInvitation } from '../../protocol/invitation.js'
import { Admission } from '../../signaling/admission.js'
import { type Members, NO_MEMBERS } from '../../signaling/members.js'
import { newIdentity, newSession, random } from './fake-client.js'
import { world } from './fake-world.js'

const keyOf = ({ publicKey }: Identity) => toBase64url(publicKey)

/** A private hub that has run for an hour, with two members: one may use any id, one only one. */
function privateWorld({ ranMs = 3_600_000 } = {}) {
  const [any, anna, server] = [newIdentity(), newIdentity(), newIdentity()]
  const store = { update: (change: (now: Members | null) => Members) => change(NO_MEMBERS) }
  const admission = new Admission({ invitations: { publicKey: server.publicKey, store } })
  const listed = [
    { key: keyOf(any), id: null },
    { key: keyOf(anna), id: 'Anna' },
  ]
  admission.setListed(listed)
  const it = world({ admission })
  it.clock.advance(ranMs)
  const invitation = encodeInvitation(server, { serial: random(8), ends: 2_000_000_000, id: null })
  return { ...it, any, anna, admission, invitation, listed }
}

t.test('any member can make a code, whatever id it may use; strangers cannot', async t => {
  const { client, any, anna, admission, invitation } = privateWorld()
  t.same(client().login({ id: '7.a', identity: any }).news(), ['challenge', 'online'])
  t.same(client().login({ id: '8.a', identity: anna }).news(), ['challenge', 'online'])
  const stranger = client().login({ id: '9.a' })
  t.match(stranger.last('refused'), { reason: 'notAllowed', message: /server is private.*invitation; your key is/ })
  const identity = newIdentity()
  t.same(client().login({ id: '8.b', identity, change: { invitation } }).news(), ['challenge', 'online'])
  t.equal(admission.allows('Ben', keyOf(identity)), false, 'with a key of the moment nobody becomes a member')
  const bearer = client().login({ id: '9.a', change: { invitation } })
  t.same(bearer.news(), ['challenge', 'online'], 'whoever makes a code may be new')
})

t.test('a guest comes in while a member holds the other id, and can talk with that one alone', async t => {
  const { client, any, clock } = privateWorld()
  const early = client().login({ id: '7.b' })
  t.match(early.last('refused'), { reason: 'notAllowed', message: /nobody waits here with the number 7/ })
  const host = client().login({ id: '7.a', identity: any }).say({ type: 'call', to: '7.b' })
  const identity = newIdentity()
  const session = newSession()
  const guest = client().login({ id: '7.B', identity, session })
  t.same(guest.news(), ['challenge', 'online'])
  guest.say({ type: 'call', to: 'Anna' })
  t.same(guest.news(), ['error notAllowed'])
  guest.say({ type: 'call', to: '7.a' })
  t.same(guest.news(), ['matched'])
  t.match(host.last('matched'), { peer: '7.B' })
  t.same(client().login({ id: 'Ben', identity }).news(), ['challenge', 'refused notAllowed'], 'and by no other id')
  host.hangUp()
  guest.hangUp()
  t.same(client().login({ id: '7.b', identity, session }).news(), ['challenge', 'online'], 'it may come back first')
  clock.advance(60_000)
  t.same(client().login({ id: '7.b', identity, session }).news(), ['challenge', 'refused notAllowed'])
})

t.test('a server that has just started asks a guest to try again: whoever waits may not be back yet', async t => {
  const { client, any, clock } = privateWorld({ ranMs: 0 })
  const guest = { id: '7.b', identity: newIdentity() }
  t.same(client().login(guest).news(), ['challenge', 'refused tooMany'])
  client().login({ id: '7.a', identity: any })
  t.same(client().login(guest).news(), ['challenge', 'online'])
  clock.advance(59_999)
  t.same(client().login({ id: '8.b' }).news(), ['challenge', 'refused tooMany'])
  clock.advance(1)
  t.same(client().login({ id: '8.b' }).news(), ['challenge', 'refused notAllowed'])
})

t.test('a change of the list leaves guests, and cuts off who made the code and is no member any more', async t => {
  const { client, any, anna, admission, hub, listed, clock } = privateWorld()
  const hosts = [any, anna].map((identity, n) => client().login({ id: `${n + 7}.a`, identity }))
  const guests = [7, 8].map(n => client().login({ id: `${n}.b` }))
  admission.setListed(listed.slice(1))
  hub.admissionChanged()
  t.same(
    [...hosts, ...guests].map(({ closed }) => closed),
    ['notAllowed', null, null, null],
  )
  clock.advance(60_000)
  hub.admissionChanged()
  t.same(
    guests.map(({ closed }) => closed),
    ['notAllowed', null],
    'the guest goes at the next change when its host is gone for good',
  )
})
