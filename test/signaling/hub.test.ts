import t from 'tap'
import { Names } from '../../signaling/names.js'
import { Tally } from '../../signaling/tally.js'
import { VirtualClock } from '../virtual-clock.js'
import { type FakeClient, newIdentity, newSession, random } from './fake-client.js'
import { world } from './fake-world.js'

const payload = (n: number) => Uint8Array.of(n, n, n)

t.test('challenges, and lets a signed login in', async t => {
  const { hub, client, events } = world()
  const a = client()
  t.equal(a.challenge.length, 43)
  a.login({ id: 'Anna' })
  t.same(a.news(), ['challenge', 'online'])
  t.equal(hub.peers, 1)
  t.same(events, [{ event: 'online', connection: 1, id: 'Anna' }])
})

t.test('gives each connection its own challenge', async t => {
  const { client } = world()
  t.not(client().challenge, client().challenge)
})

const other = newIdentity()
const refusedLogins: [string, string, Parameters<FakeClient['login']>[0]][] = [
  ['another origin', 'badOrigin', { id: 'a', origin: 'ws://evil.test:9001' }],
  ['an origin that was not signed', 'badLogin', { id: 'a', sign: { origin: 'ws://evil.test' } }],
  ['a signature for another id', 'badLogin', { id: 'a', sign: { id: 'b' } }],
  ['a signature for another challenge', 'badLogin', { id: 'a', sign: { challenge: random(32) } }],
  ['a signature for another session', 'badLogin', { id: 'a', sign: { session: random(16) } }],
  [
    'a signature by another key',
    'badLogin',
    { id: 'a', change: { key: Buffer.from(other.publicKey).toString('base64url') } },
  ],
  ['a key that is no key', 'badLogin', { id: 'a', change: { key: `${'_'.repeat(42)}8` } }],
  ['zeros for a signature', 'badLogin', { id: 'a', change: { signature: 'A'.repeat(86) } }],
  ['another version', 'version', { id: 'a', change: { v: 2 } }],
  ['another version with fields of its own', 'version', { id: 'a', change: { v: 7, more: true } }],
]
for (const [what, reason, parts] of refusedLogins)
  t.test(`refuses a login with ${what} as ${reason}`, async t => {
    const { client, hub, clock } = world()
    const a = client().login(parts)
    t.same(a.news(), ['challenge', `refused ${reason}`])
    t.equal(a.closed, reason)
    t.equal(hub.peers, 0)
    clock.advance(10_000)
    t.equal(hub.sockets, 0)
    t.equal(clock.pending, 0)
  })

t.test('says what to do about an unknown origin', async t => {
  const a = world().client().login({ id: 'a', origin: 'wss://voice.test' })
  t.match(a.last('refused')?.message, /--public-url wss:\/\/voice\.test/)
})

t.test('refuses an id that another key holds, online and later', async t => {
  const { client, online } = world()
  const a = online('Anna')
  const thief = client().login({ id: 'aNNA' })
  t.same(thief.news(), ['challenge', 'refused taken'])
  t.equal(a.closed, null)
  a.hangUp()
  t.same(client().login({ id: 'anna' }).news(), ['challenge', 'refused taken'])
})

t.test('lets the new socket of the same program replace the old one at once', async t => {
  const { client, hub } = world()
  const me = { id: 'a', identity: newIdentity(), session: newSession() }
  const old = client().login(me)
  const fresh = client().login(me)
  t.same(fresh.news(), ['challenge', 'online'])
  t.equal(old.closed, 'replaced')
  t.equal(hub.peers, 1)
})

t.test('refuses a second program with the same key while the first answers', async t => {
  const { client, clock } = world()
  const identity = newIdentity()
  const first = client().login({ id: 'a', identity })
  const second = client().login({ id: 'a', identity })
  clock.advance(1000)
  t.same(second.news(), ['challenge', 'refused elsewhere'])
  t.equal(first.closed, null)
})

t.test('lets a second program with the same key in when the first is silent for 1 s', async t => {
  const { client, clock, hub } = world()
  const identity = newIdentity()
  const first = client().login({ id: 'a', identity })
  first.alive = false
  const second = client().login({ id: 'a', identity })
  clock.advance(999)
  t.equal(second.last('online'), undefined)
  clock.advance(1)
  t.same(second.news(), ['challenge', 'online'])
  t.equal(first.closed, 'replaced')
  t.equal(hub.peers, 1)
})

t.test('does not take what a dead program left on its way for an answer', async t => {
  const { client, clock } = world()
  const identity = newIdentity()
  const first = client().login({ id: 'a', identity })
  first.alive = false
  const second = client().login({ id: 'a', identity })
  first.say({ type: 'call', to: 'b' })
  clock.advance(1000)
  t.same(second.news(), ['challenge', 'online'])
})

t.test('lets the second program in when the first leaves while it is asked', async t => {
  const { client, clock } = world()
  const identity = newIdentity()
  const first = client().login({ id: 'a', identity })
  first.alive = false
  const second = client().login({ id: 'a', identity })
  first.hangUp()
  clock.advance(0)
  t.same(second.news(), ['challenge', 'online'])
})

t.test('lets one of several newcomers in, whoever was first', async t => {
  const { client, clock, hub } = world()
  const identity = newIdentity()
  client().login({ id: 'a', identity }).alive = false
  const many = [1, 2, 3].map(() => client().login({ id: 'a', identity }))
  clock.advance(1000)
  t.same(
    many.map(one => one.news().at(-1)),
    ['online', 'refused elsewhere', 'refused elsewhere'],
  )
  t.equal(hub.peers, 1)
})

t.test('matches, passes on, and ends a call', async t => {
  const { call, events, hub } = world()
  const { a, b, callId } = call()
  t.same(a.last('matched'), { type: 'matched', callId, peer: 'b', resumed: false })
  t.equal(hub.calls, 1)
  a.say({ type: 'pass', callId, data: 'aGVsbG8' })
  t.same(b.last('pass'), { type: 'pass', callId, data: 'aGVsbG8' })
  b.say({ type: 'leave', reason: 'hungUp' })
  t.same(a.last('left'), { type: 'left', callId, reason: 'hungUp' })
  t.same(
    events.map(e => e.event),
    ['online', 'online', 'connected', 'ended'],
  )
  t.equal(hub.calls, 0)
})

t.test('relays frames both ways, inside a call alone', async t => {
  const { call, online } = world()
  const { a, b } = call()
  const c = online('c')
  for (let i = 0; i < 5; i++) a.leg.send(payload(i))
  b.leg.send(payload(9))
  t.same(b.voice, [0, 1, 2, 3, 4].map(payload))
  t.same(a.voice, [payload(9)])
  c.leg.send(payload(1))
  t.same(c.news(), ['challenge', 'online', 'error notInCall'])
  t.same(c.voice, [])
})

t.test('rejoins a call after a reconnect, and relays again', async t => {
  const { client, online, clock } = world()
  const me = { id: 'a', identity: newIdentity(), session: newSession() }
  const a = client().login(me).say({ type: 'call', to: 'b' })
  const b = online('b').say({ type: 'call', to: 'a' })
  const { callId } = b.last('matched')!
  a.hangUp()
  clock.advance(1)
  b.leg.send(payload(1))
  t.same(b.news().slice(-2), ['matched', 'away'], 'frames meanwhile are dropped without an error')
  const again = client().login(me).say({ type: 'call', to: 'b', resume: callId })
  t.same(again.last('matched'), { type: 'matched', callId, peer: 'b', resumed: true })
  t.same(b.news(), ['back'])
  b.leg.send(payload(2))
  t.same(again.voice, [payload(2)])
})

t.test('takes frames that were on their way when the call ended, then says notInCall', async t => {
  const { call, clock, events } = world()
  const { a, b } = call()
  b.say({ type: 'leave', reason: 'hungUp' })
  a.news()
  a.leg.send(payload(1))
  t.same(a.news(), [])
  clock.advance(4999)
  a.leg.send(payload(2))
  t.same(a.news(), [])
  clock.advance(1)
  a.leg.send(payload(3))
  t.same(a.news(), ['error notInCall'])
  a.hangUp()
  t.match(events.at(-1), { event: 'offline', id: 'a', why: 'gone', drops: { afterCall: 2 } })
})

t.test('takes all that a stream brings which had stalled when the call ended', async t => {
  const { call, clock } = world()
  const { a, b } = call()
  a.alive = false
  b.say({ type: 'leave', reason: 'hungUp' })
  a.news()
  a.leg.send(payload(0))
  clock.advance(4900)
  for (let n = 1; n < 50; n++) a.leg.send(payload(n))
  t.same(a.news(), [], 'it was all sent before the answer to the ping behind the news')
  a.alive = true
  a.socket.onPong?.()
  clock.advance(4999)
  a.leg.send(payload(50))
  t.same(a.news(), [])
  clock.advance(1)
  a.leg.send(payload(51))
  t.same(a.news(), ['error notInCall'])
})

t.test('drops the oldest voice of a slow side, of that side alone, and says how much at the end', async t => {
  const { call, clock, events } = world()
  const { a, b } = call()
  b.alive = false // it acknowledges nothing
  for (let i = 0; i < 100; i++) {
    a.leg.send(payload(i))
    clock.advance(20)
  }
  t.equal(b.binary.length, 35, '(500 + 200) / 20 frames, then nothing')
  t.equal(a.closed, null)
  b.alive = true
  b.leg.send(payload(200))
  t.same(a.voice, [payload(200)], 'the other way is not touched')
  a.say({ type: 'leave', reason: 'hungUp' })
  t.match(events.at(-1), { event: 'ended', connections: [1, 2], drops: { 2: { queueFull: 55, cleared: 10 } } })
})

t.test('cuts a side that is found stuck while it is being matched, and tells the other in order', async t => {
  const { online } = world()
  const a = online('a').say({ type: 'call', to: 'b' })
  a.bufferedAmount = 200_000
  const b = online('b').say({ type: 'call', to: 'a' })
  t.same(b.news().slice(-2), ['matched', 'away'])
})

t.test('limits sockets, logins and new names from one address', async t => {
  const limits = { socketsPerAddress: 2, loginsPerAddressPerMinute: 3, newNamesPerAddressPerHour: 2 }
  const { client, clock } = world({ limits })
  const first = client('10.1.1.1')
  client('10.1.1.1')
  t.same(client('10.1.1.1').news(), ['challenge', 'refused tooMany'])
  t.same(client('10.1.1.2').news(), ['challenge'])
  first.hangUp()
  t.equal(client('10.1.1.1').closed, 'tooMany', 'the refused socket is not closed yet')
  clock.advance(10_000)
  const results = ['a', 'b', 'c', 'd'].map(id => {
    const one = client('10.1.1.3').login({ id })
    one.hangUp()
    return one.news().at(-1)
  })
  t.same(results, ['online', 'online', 'refused tooMany', 'refused tooMany'])
})

t.test('limits logins of one id with one key', async t => {
  const { client } = world({ limits: { loginsPerIdPerMinute: 2 } })
  const me = { id: 'a', identity: newIdentity(), session: newSession() }
  t.same(
    [1, 2, 3].map(n => client(`10.0.0.${n}`).login(me).news().at(-1)),
    ['online', 'online', 'refused tooMany'],
  )
  t.equal(client().login({ id: 'a' }).news().at(-1), 'refused taken', 'others have a limit of their own')
})

t.test('is full when it is full', async t => {
  const { client, online } = world({ limits: { sockets: 2 }, names: new Names(1) })
  t.equal(online('a').news().at(-1), 'online')
  t.equal(online('b').news().at(-1), 'refused tooMany', 'no room for names')
  t.equal(client().news().at(-1), 'refused tooMany', 'no room for sockets')
})

const turn = [{ url: 'turn:voice.test:3478', username: '1:a', credential: 'AA==' }]

t.test('offers help for a direct route right after the login, to the id in lower case', async t => {
  const asked: string[] = []
  const ice = (id: string) => {
    asked.push(id)
    return { stunPort: 9001, turn }
  }
  const { client } = world({ ice })
  const a = client().login({ id: 'ANNA' })
  t.same(a.last('ice'), { type: 'ice', stunPort: 9001, turn })
  t.same(a.news(), ['challenge', 'online', 'ice'])
  t.same(client().login({ id: 'Anna' }).news(), ['challenge', 'refused taken'], 'nothing to one who is refused')
  t.same(asked, ['anna'])
})

t.test('offers it again at half of the lifetime of its TURN credentials, with no timer of its own', async t => {
  const without = world()
  without.online('a')
  const { client, clock } = world({ ice: () => ({ stunPort: null, turn }) })
  const a = client().login({ id: 'a' })
  t.equal(clock.pending, without.clock.pending)
  a.news()
  clock.advance(1_800_000 - 1)
  t.same(a.news(), [])
  clock.advance(1)
  t.same(a.news(), ['ice'])
  clock.advance(1_800_000)
  t.same(a.news(), ['ice'])
  a.hangUp()
  clock.advance(3_600_000)
  t.same(a.news(), [])
  t.equal(clock.pending, 0)
})

t.test('says nothing about a direct route where there is nothing to say, and a port alone but once', async t => {
  t.same(
    world({ ice: () => ({ stunPort: null, turn: [] }) })
      .online('a')
      .news(),
    ['challenge', 'online'],
  )
  const { online, clock } = world({ ice: () => ({ stunPort: 9001, turn: [] }) })
  const a = online('a')
  t.same(a.news(), ['challenge', 'online', 'ice'])
  clock.advance(4 * 3_600_000)
  t.same(a.news(), [])
})

t.test('tells all that it restarts, and closes', async t => {
  const { hub, call, client, clock } = world()
  const { a, b } = call()
  const c = client()
  hub.close({ reconnectInMs: () => 1500, tryForMs: 60_000 })
  for (const one of [a, b, c]) {
    t.same(one.heard.at(-1), { type: 'restarting', reconnectInMs: 1500, tryForMs: 60_000 })
    t.equal(one.closed, 'restarting')
  }
  t.equal(a.last('away'), undefined, 'nobody is told that the others went')
  clock.advance(10)
  t.equal(hub.sockets, 0)
  t.equal(clock.pending, 0)
  t.equal(client().closed, 'closing', 'no one gets in any more')
})

t.test('keeps no timer and no socket when all have gone', async t => {
  const { call, hub, clock } = world()
  const { a, b } = call()
  a.hangUp()
  b.hangUp()
  t.equal(hub.sockets, 0)
  t.equal(hub.peers, 0)
  t.equal(clock.pending, 0)
})

t.test('says of one who is offline what it says of one whom it never saw, to the byte', async t => {
  const { online, call } = world()
  online('was-here').hangUp()
  call('in-a-call', 'with-another')
  online('here')
  const asking = online('asker')
  const answers = ['was-here', 'never-seen', 'in-a-call', 'here'].map(to => {
    asking.news()
    asking.say({ type: 'call', to })
    return JSON.stringify(asking.heard).replaceAll(to, 'XXX')
  })
  t.same(new Set(answers), new Set(['[{"type":"presence","to":"XXX","state":"absent"}]']))
})

t.test('knows which calls have their voice go through it', async t => {
  const { hub, call, clock, online } = world()
  const { a, b } = call()
  call('c', 'd')
  online('e')
  t.same(hub.callsByRoute, { relay: 0, other: 2 })
  for (let n = 0; n < 7; n++) a.leg.send(payload(n))
  t.same(hub.callsByRoute, { relay: 0, other: 2 }, 'what checks the relay is no voice')
  a.leg.send(payload(7))
  t.same(hub.callsByRoute, { relay: 1, other: 1 }, 'one side is enough')
  clock.advance(1000)
  b.leg.send(payload(8))
  t.same(hub.callsByRoute, { relay: 1, other: 1 })
  clock.advance(1000)
  t.same(hub.callsByRoute, { relay: 0, other: 2 }, 'the voice has gone another way')
  for (let n = 0; n < 100; n++) b.leg.send(payload(n))
  t.same(hub.callsByRoute, { relay: 1, other: 1 })
  b.hangUp()
  t.same(hub.callsByRoute, { relay: 0, other: 1 }, 'a call whose other side is away does not count')
})

t.test('samples how long frames take, also those that wait for their turn', async t => {
  const latencies: number[] = []
  let clock = new VirtualClock()
  const tally = new Tally(() => clock.now())
  tally.onLatency = ms => latencies.push(ms)
  const { call, ...rest } = world({ tally })
  clock = rest.clock
  const { a, b } = call()
  const { a: c } = call('c', 'd')
  const send = (from: FakeClient, count: number) => {
    for (let n = 0; n < count; n++) from.leg.send(payload(n))
  }
  send(c, 60)
  t.same([tally.frames, tally.bytes, latencies], [60, 180, []])
  send(c, 4)
  t.same(latencies, [0], 'one in 64, which went at once')
  b.alive = false
  send(a, 35)
  send(c, 19)
  t.equal(tally.frames, 118)
  // The window towards b is full: these ten wait, until it acknowledges all that it has.
  send(a, 10)
  clock.advance(150)
  b.alive = true
  const last = b.binary.filter(([kind]) => kind === 1).at(-1)!
  b.raw(Uint8Array.of(2, ...last.slice(1, 5)))
  t.equal(tally.frames, 128)
  t.same(latencies, [0, 150], 'the 128th waited')
  t.same(new Set(Object.values(tally.drops)), new Set([0]))
})
