import t from 'tap'
import { legFrame } from '../leg-message.js'
import { world } from './fake-world.js'

t.test('refuses one who does not log in within 5 s', async t => {
  const { client, clock } = world()
  const a = client()
  clock.advance(4999)
  t.equal(a.closed, null)
  clock.advance(1)
  t.same(a.news(), ['challenge', 'refused slow'])
})

t.test('answers pings', async t => {
  const a = world().online('a').say({ type: 'ping', n: 7 })
  t.same(a.last('pong'), { type: 'pong', n: 7 })
})

t.test('cuts a peer that misses two pings, and tells the other side', async t => {
  const { call, clock, events } = world()
  const { a, b } = call()
  clock.advance(4000)
  b.alive = false
  clock.advance(60_000)
  t.equal(b.closed, 'cut')
  t.ok(a.last('away'))
  t.equal(a.closed, null)
  t.match(
    events.filter(e => e.event === 'offline'),
    [{ id: 'b', why: 'lost' }],
  )
})

t.test('cuts a side whose socket holds back too much', async t => {
  const { call, events } = world()
  const { a, b } = call()
  b.bufferedAmount = 200_000
  a.leg.send(Uint8Array.of(1))
  t.equal(b.closed, 'cut')
  t.ok(a.last('away'))
  t.match(
    events.find(e => e.event === 'offline'),
    { id: 'b', why: 'stuck' },
  )
})

t.test('cuts one who pings and reads none of the answers, though nothing else is sent', async t => {
  const { online, events } = world()
  const a = online('a')
  a.bufferedAmount = 200_000
  a.socket.onPing?.()
  t.equal(a.closed, 'cut')
  t.match(
    events.filter(e => e.event === 'offline'),
    [{ id: 'a', why: 'stuck' }],
  )
})

t.test('cuts one who reads nothing at its next ping at the latest', async t => {
  const { call, clock, events } = world()
  const { a } = call()
  a.bufferedAmount = 200_000
  for (let n = 0; n < 5 && a.closed === null; n++) {
    a.socket.onPong?.()
    clock.advance(1000)
  }
  t.equal(a.closed, 'cut')
  t.match(
    events.filter(e => e.event === 'offline'),
    [{ id: 'a', why: 'stuck' }],
  )
})

t.test('counts long messages for more: sixteen KiB of space cost as much as seventeen pings', async t => {
  const { online, clock } = world()
  const a = online('a')
  const long = `{"type":"ping","n":1${' '.repeat(16 * 1024 - 22)}}`
  for (let n = 0; n < 3; n++) a.raw(long)
  t.equal(a.closed, null)
  clock.advance(850)
  a.raw(long)
  t.equal(a.closed, null, '17 come back in 0.85 s')
  a.raw(long)
  t.equal(a.closed, 'tooManyMessages')
  const { callId, a: b } = world().call()
  for (let n = 0; n < 5; n++) b.say({ type: 'pass', callId, data: 'A'.repeat(10_900) })
  t.equal(b.closed, null, 'five of the longest flights of a handshake are fine')
})

t.test('closes a flood of messages, of frames and of bytes, by name', async t => {
  const { call, online, clock } = world()
  const { a } = call('a', 'b')
  for (let n = 0; n < 61; n++) a.say({ type: 'ping', n })
  t.equal(a.closed, 'tooManyMessages')
  const c = online('c')
  online('d').say({ type: 'call', to: 'c' })
  c.say({ type: 'call', to: 'd' })
  for (let i = 0; i < 400; i++) c.raw(legFrame(i, [1]))
  t.equal(c.closed, 'flood')
  const e = online('e')
  online('f').say({ type: 'call', to: 'e' })
  e.say({ type: 'call', to: 'f' })
  for (let i = 0; i < 120; i++) e.raw(legFrame(i, new Uint8Array(1190)))
  t.equal(e.closed, 'flood')
  const g = online('g')
  for (let n = 0; n < 100; n++) {
    g.say({ type: 'ping', n })
    clock.advance(50)
  }
  t.equal(g.closed, null, '20 messages a second are fine')
})

t.test('closes a connection after twenty errors, forgives one in 10 s', async t => {
  const { online, clock } = world()
  const a = online('a')
  for (let i = 0; i < 20; i++) a.raw('{')
  t.equal(a.closed, null)
  clock.advance(10_000)
  a.raw('{')
  t.equal(a.closed, null)
  a.raw('{')
  t.equal(a.closed, 'tooManyErrors')
})
