/** A private server: who is let in, with what sentence others are refused, and what becomes of those who may not stay. */
import t from 'tap'
import { toBase64url } from '../../protocol/bytes.js'
import type { Identity } from '../../protocol/identity.js'
import { encodeInvitation, type Invitation } from '../../protocol/invitation.js'
import { Admission } from '../../signaling/admission.js'
import { grantsOf, type Members, NO_MEMBERS, remove } from '../../signaling/members.js'
import { newIdentity, random } from './fake-client.js'
import { world } from './fake-world.js'

const NOW = 1_000_000_000_000
const keyOf = ({ publicKey }: Identity) => toBase64url(publicKey)

/** A private hub on a virtual clock that begins at NOW. */
function privateWorld() {
  const server = newIdentity()
  const store = {
    members: null as Members | null,
    broken: false,
    update(change: (now: Members | null) => Members) {
      if (store.broken) throw new Error('the disk is full')
      store.members = change(store.members)
      return store.members
    },
  }
  const problems: unknown[] = []
  const joined: string[] = []
  const admission = new Admission({
    invitations: { publicKey: server.publicKey, store },
    joined: id => joined.push(id),
    onProblem: error => problems.push(error),
  })
  const it = world({ admission })
  const token = (change: Partial<Invitation> = {}, by = server) =>
    encodeInvitation(by, { serial: random(8), ends: NOW / 1000 + 3600, id: null, ...change })
  /** Logs in; `online`, or why not. */
  const enter = (id: string, identity: Identity, invitation?: string) => {
    const client = it.client().login({ id, identity, change: invitation === undefined ? {} : { invitation } })
    const refused = client.last('refused')
    return { client, said: refused ? `${refused.reason}: ${refused.message}` : (client.last('online')?.type ?? '') }
  }
  return { ...it, admission, store, problems, joined, token, enter }
}

t.test('a stranger is refused, with what to do and the own key', async t => {
  const { enter, hub, clock } = privateWorld()
  const stranger = newIdentity()
  const { client, said } = enter('anna', stranger)
  t.equal(
    said,
    `notAllowed: This server is private. Ask the person who runs it for an invitation; your key is ${keyOf(stranger)}`,
  )
  t.equal(client.closed, 'notAllowed')
  clock.advance(10_000)
  t.equal(hub.sockets, 0)
  t.equal(hub.backlog.names, 0, 'nothing is remembered of it')
})

t.test('keys of the list come in: with an id by that one only, which is theirs alone', async t => {
  const { enter, admission } = privateWorld()
  const [anna, ben] = [newIdentity(), newIdentity()]
  admission.setListed([
    { key: keyOf(anna), id: 'Anna' },
    { key: keyOf(ben), id: null },
  ])
  t.equal(enter('ANNA', anna).said, 'online')
  t.equal(
    enter('other', anna).said,
    'notAllowed: Your key is for the id Anna on this server. Use that one, or ask the person who runs it.',
  )
  t.equal(enter('ben', ben).said, 'online')
  t.match(enter('anna', ben).said, /^notAllowed/)
})

t.test('an invitation lets the first key in, for good and without it', async t => {
  const { enter, token, clock, joined, store } = privateWorld()
  const [anna, ben] = [newIdentity(), newIdentity()]
  const invitation = token()
  t.equal(enter('anna', anna, invitation).said, 'online')
  t.same(joined, ['anna'])
  t.same(grantsOf(store.members ?? NO_MEMBERS), [{ key: keyOf(anna), id: null }])
  const late = enter('ben', ben, invitation)
  t.equal(
    late.said,
    `notAllowed: Somebody else has used this invitation already. Ask for a new one; your key is ${keyOf(ben)}`,
  )
  clock.advance(400 * 86_400_000)
  t.equal(enter('anna3', anna).said, 'online', 'long after its end, under any free id')
  t.equal(enter('anna4', anna, invitation).said, 'online', 'and with the old token still there')
  t.match(enter('ben', ben, invitation).said, /ended at/)
})

t.test('an invitation for an id lets in by that one alone', async t => {
  const { enter, token, admission } = privateWorld()
  const [anna, ben] = [newIdentity(), newIdentity()]
  const invitation = token({ id: 'Anna' })
  t.equal(
    enter('berta', anna, invitation).said,
    'notAllowed: This invitation is for the id Anna. Use that one, or ask for an invitation for berta.',
  )
  t.equal(enter('anna', anna, invitation).said, 'online')
  t.match(enter('berta', anna).said, /^notAllowed: Your key is for the id Anna on this server/)
  t.match(enter('anna', ben, token({ id: 'ANNA' })).said, /^taken/, "the id is a member's")
  admission.setListed([{ key: keyOf(newIdentity()), id: 'dora' }])
  t.match(enter('dora', ben, token()).said, /^taken/, 'the list counts more')
  t.equal(enter('ben', ben, token()).said, 'online')
})

t.test('what is no good says so, each with its own sentence, and uses nothing up', async t => {
  const { enter, token, store } = privateWorld()
  const ends = NOW / 1000
  const forged = token({}, newIdentity())
  const good = token()
  for (const [what, invitation, says] of [
    ['ended', token({ ends }), /^notAllowed: This invitation ended at 2001-09-09T01:46:40.000Z\. Ask for a new one/],
    ['of another server', forged, /^notAllowed: This invitation is for another server\. Check the address/],
    ['cut off', good.slice(0, -2), /^notAllowed: This invitation is not genuine, or not whole\. Copy it again/],
    ['forged', `${good.slice(0, -5)}AAAAA`, /^notAllowed: This invitation is not genuine/],
    ['a word', 'please', /^notAllowed: This invitation is not genuine/],
  ] as const)
    t.match(enter('anna', newIdentity(), invitation).said, says, what)
  t.equal(store.members, null)
  t.equal(enter('anna', newIdentity(), token({ ends: ends + 1 })).said, 'online', 'a second before its end')
  t.equal(enter('ben', newIdentity(), good).said, 'online')
})

t.test('what is too long, or no text, is no message of the protocol', async t => {
  const { client } = privateWorld()
  for (const invitation of ['A'.repeat(201), '', 'a b', 7, null])
    t.match(client().login({ id: 'anna', change: { invitation } }).news(), ['challenge', 'error badMessage'])
})

t.test('a login that does not prove its key uses no invitation up', async t => {
  const { client, token, enter, store } = privateWorld()
  const invitation = token()
  const thief = client().login({ id: 'anna', sign: { id: 'ben' }, change: { invitation } })
  t.same(thief.news(), ['challenge', 'refused badLogin'])
  t.equal(store.members, null)
  t.equal(enter('anna', newIdentity(), invitation).said, 'online')
})

t.test('an id that is taken uses no invitation up; neither does a one-time call go round it', async t => {
  const { enter, token, joined } = privateWorld()
  t.equal(enter('anna', newIdentity(), token()).said, 'online')
  const ben = newIdentity()
  const invitation = token()
  t.match(enter('anna', ben, invitation).said, /^taken/)
  t.same(joined, ['anna'])
  t.equal(enter('7.a', ben, invitation).said, 'online')
  t.same(joined, ['anna', '7.a'])
  t.match(enter('8.a', newIdentity(), invitation).said, /^notAllowed: Somebody else/)
})

t.test('when members can not be kept, nobody becomes one, and may try again', async t => {
  const { enter, token, store, problems } = privateWorld()
  const anna = newIdentity()
  const invitation = token()
  store.broken = true
  t.match(enter('anna', anna, invitation).said, /^tooMany: .* Try again later/)
  t.equal(problems.length, 1)
  t.match(enter('anna', anna).said, /^notAllowed/)
  store.broken = false
  t.equal(enter('anna', anna, invitation).said, 'online')
})

t.test('whoever is taken out has to go at once; the call of the other goes on as if its connection fell', async t => {
  const { enter, token, store, admission, hub, events, clock } = privateWorld()
  const [anna, ben, cleo] = [newIdentity(), newIdentity(), newIdentity()]
  admission.setListed([{ key: keyOf(cleo), id: null }])
  const a = enter('anna', anna, token()).client.say({ type: 'call', to: 'ben' })
  const b = enter('ben', ben, token()).client.say({ type: 'call', to: 'anna' })
  const c = enter('cleo', cleo).client
  t.ok(b.last('matched'))
  b.news()
  admission.setMembers(remove(store.members!, new Set([keyOf(anna)])))
  hub.admissionChanged()
  t.match(a.last('refused'), { reason: 'notAllowed', message: /may not use this server any more/ })
  t.equal(a.closed, 'notAllowed')
  t.same(b.news(), ['away'])
  t.equal(c.closed, null)
  t.match(events, [{}, {}, {}, {}, { event: 'offline', id: 'anna', why: 'notAllowed' }])
  t.match(enter('anna', anna).said, /^notAllowed: This server is private/)
  admission.setListed([])
  hub.admissionChanged()
  t.same([b.closed, c.closed], [null, 'notAllowed'])
  clock.advance(10_000)
  t.equal(hub.sockets, 1)
})

t.test('the id of one who was taken out goes to the next, and one that the list gives away to its owner', async t => {
  const { enter, admission, hub } = privateWorld()
  const [anna, ben, cleo] = [newIdentity(), newIdentity(), newIdentity()].map(identity => ({
    identity,
    key: keyOf(identity),
  }))
  if (!anna || !ben || !cleo) throw new Error('three')
  admission.setListed([anna, ben].map(({ key }) => ({ key, id: null })))
  t.equal(enter('anna', anna.identity).said, 'online')
  t.match(enter('anna', ben.identity).said, /^taken/)
  admission.setListed([{ key: ben.key, id: null }])
  hub.admissionChanged()
  t.equal(enter('anna', ben.identity).said, 'online')
  admission.setListed([
    { key: ben.key, id: null },
    { key: cleo.key, id: 'Anna' },
  ])
  hub.admissionChanged()
  t.equal(enter('anna', cleo.identity).said, 'online', 'although ben has used it')
  t.match(enter('anna', ben.identity).said, /^notAllowed/)
})

t.test('the echo of the server comes in by its key of this run', async t => {
  const { enter, admission } = privateWorld()
  const [one, two] = [newIdentity(), newIdentity()]
  t.match(enter('echo-1', one).said, /^notAllowed/)
  admission.setOwn(keyOf(one))
  t.equal(enter('echo-1', one).said, 'online')
  admission.setOwn(keyOf(two))
  t.equal(enter('echo-2', two).said, 'online')
  t.match(enter('echo-3', one).said, /^notAllowed/)
})

t.test('without a key for them it takes no invitations, and says so', async t => {
  const { client } = world({ admission: new Admission() })
  const a = client().login({ id: 'a', change: { invitation: 'AAAA' } })
  t.match(a.last('refused'), { reason: 'notAllowed', message: /takes no invitations\. Ask .* your key is \S{43}$/ })
})

t.test('an open server takes no notice of an invitation', async t => {
  t.same(
    world()
      .client()
      .login({ id: 'a', change: { invitation: 'AAAA' } })
      .news(),
    ['challenge', 'online'],
  )
})
