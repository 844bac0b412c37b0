import t from 'tap'
import { Rendezvous } from '../../signaling/rendezvous.js'
import { newIdentity, newSession } from './fake-client.js'
import { world } from './fake-world.js'

const limits = { rendezvous: 5, rendezvousPerAddress: 3, rendezvousHoldMs: 60_000 }

t.test('holds an id for the first key, and a minute longer than that is there', async t => {
  const ids = new Rendezvous(limits)
  t.equal(ids.claim('7.a', 'first', 'here', 0), 'held')
  t.equal(ids.claim('7.A', 'second', 'there', 10_000_000), 'taken', 'however long it is online')
  ids.left('7.A', 10_000_000)
  t.equal(ids.claim('7.a', 'second', 'there', 10_059_999), 'taken')
  t.equal(ids.claim('7.a', 'first', 'here', 10_059_999), 'held', 'its own holder comes back')
  t.equal(ids.claim('7.a', 'second', 'there', 10_060_000), 'taken', 'and holds it as before')
  ids.left('7.a', 10_060_000)
  t.equal(ids.claim('7.a', 'second', 'there', 10_120_000), 'held')
  t.equal(ids.size, 1)
})

t.test('gives an address a few, and all of them together what there is room for', async t => {
  const ids = new Rendezvous(limits)
  const claim = (id: string, limitKey: string, now = 0) => ids.claim(id, `key of ${id}`, limitKey, now)
  t.same(
    ['1.a', '2.a', '3.a', '4.a', '1.a'].map(id => claim(id, 'greedy')),
    ['held', 'held', 'held', 'tooMany', 'held'],
  )
  t.same(
    ['4.a', '5.a', '6.a'].map(id => claim(id, 'modest')),
    ['held', 'held', 'full'],
  )
  t.equal(ids.size, 5)
  ids.left('2.a', 100)
  ids.left('1.a', 200)
  t.equal(claim('6.a', 'greedy', 60_099), 'tooMany', 'what is held for who may come back counts')
  t.equal(claim('6.a', 'greedy', 60_100), 'held')
  t.equal(claim('7.a', 'greedy', 60_100), 'tooMany')
  t.equal(claim('7.a', 'modest', 60_200), 'held')
  t.equal(ids.size, 5)
})

t.test('forgets ids that it does not hold, and takes no news of them', async t => {
  const ids = new Rendezvous(limits)
  ids.left('9.a', 0)
  t.equal(ids.size, 0)
  for (let n = 1; n < 1000; n++) {
    t.equal(ids.claim(`${n}.a`, 'key', 'here', n * 60_000), 'held')
    ids.left(`${n}.a`, n * 60_000)
  }
  t.equal(ids.size, 1)
})

t.test('a server remembers no rendezvous id: it is free a minute after its holder', async t => {
  const { online, client, clock, hub } = world()
  const first = { id: '7.a', identity: newIdentity(), session: newSession() }
  const holder = client().login(first)
  t.same(holder.news(), ['challenge', 'online'])
  const other = () => client('10.0.0.9').login({ id: '7.a' })
  t.same(other().news(), ['challenge', 'refused taken'])
  t.match(client().login({ id: '7.a' }).last('refused')?.message, /number 7 .* new code/)
  holder.hangUp()
  t.same(other().news(), ['challenge', 'refused taken'])
  t.same(client().login(first).news(), ['challenge', 'online'], 'the first key comes back')
  const again = client().login(first)
  t.same(again.news(), ['challenge', 'online'], 'also while its old socket seems to be there')
  t.same(other().news(), ['challenge', 'refused taken'])
  again.hangUp()
  clock.advance(59_999)
  t.same(other().news(), ['challenge', 'refused taken'])
  clock.advance(1)
  t.same(other().news(), ['challenge', 'online'])
  t.match(hub.backlog, { names: 0, rendezvous: 1 })
  online('Anna')
  t.match(hub.backlog, { names: 1, rendezvous: 1 })
})

t.test('a server lets nobody take all the short numbers', async t => {
  const { client, online } = world({ limits: { rendezvousPerAddress: 4, newNamesPerAddressPerHour: 0 } })
  for (let n = 1; n <= 4; n++) t.same(online(`${n}.a`).news(), ['challenge', 'online'])
  const fifth = client().login({ id: '5.a' })
  t.match(fifth.last('refused'), { reason: 'tooMany', message: /one-time calls from your address/ })
  t.same(online('5.a', '10.0.0.9').news(), ['challenge', 'online'])
})

t.test('a server connects the two ids of a number with each other, and with nobody else', async t => {
  const { online, call } = world()
  const { a, b, callId } = call('7.a', '7.B')
  t.match(b.last('matched'), { callId, peer: '7.a' })
  t.match(a.last('matched'), { callId })
  const anna = online('Anna').say({ type: 'call', to: '8.b' })
  const guest = online('8.b').say({ type: 'call', to: 'Anna' }).say({ type: 'call', to: '7.a' })
  t.same(guest.news(), ['challenge', 'online', 'error notAllowed', 'error notAllowed'])
  t.same(anna.news(), ['challenge', 'online', 'presence'])
  guest.say({ type: 'call', to: '8.A' })
  t.same(guest.news(), ['presence'])
})
