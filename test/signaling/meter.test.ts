/** A hub that holds its people to quotas. */
import t from 'tap'
import { toBase64url } from '../../protocol/bytes.js'
import type { Limits } from '../../signaling/limits.js'
import { GRACE } from '../../signaling/quotas.js'
import { Tally } from '../../signaling/tally.js'
import { type FakeClient, newIdentity, newSession, random } from './fake-client.js'
import { world } from './fake-world.js'

const HOUR = 3_600_000
const PAYLOAD = 120
const minuteOfBytes = Math.ceil(GRACE.bytes / PAYLOAD) * 20

function quotaWorld(limits: Partial<Limits>, options: Parameters<typeof world>[0] = {}) {
  const tally = new Tally(() => 0)
  const made = world({ limits, tally, ...options })
  t.teardown(() => made.hub.close())
  const { clock } = made
  /** Each says one frame every 20 ms for so long. */
  const talk = (ms: number, ...clients: FakeClient[]) => {
    for (let passed = 0; passed < ms; passed += 20) {
      clock.advance(20)
      for (const client of clients) if (client.closed === null) client.leg.send(new Uint8Array(PAYLOAD))
    }
  }
  return { ...made, tally, talk }
}

const name = (client: FakeClient, to: string, resume?: string) =>
  client.say({ type: 'call', to, ...(resume && { resume }) })
const hangUp = (client: FakeClient) => client.say({ type: 'leave', reason: 'hungUp' })

t.test('without quotas nothing is counted, and no timer runs', async t => {
  const { hub, call, clock, talk } = quotaWorld({})
  const pending = clock.pending
  const { a, b } = call()
  talk(1_000, a, b)
  t.equal(hub.backlog.quotas, 0)
  a.hangUp()
  b.hangUp()
  clock.advance(60_000)
  t.equal(clock.pending, pending)
})

t.test(
  'more calls than an id may have are refused with what is used up; a running one goes on, and one may come back to it',
  async t => {
    const { online, client, clock, tally, talk } = quotaWorld({ quotaCallsPerId: 2 })
    const me = { id: 'Anna', identity: newIdentity(), session: newSession() }
    let a = client().login(me)
    const b = online('b')
    const c = online('c')
    for (const other of [b, c]) {
      name(a, other === b ? 'b' : 'c')
      name(other, 'anna')
    }
    const { callId } = a.last('matched')!
    a.hangUp()
    a = name(client().login(me), 'c', callId)
    t.match(a.last('matched'), { callId, resumed: true })
    talk(10_000, a)
    t.equal(c.voice.length, 500)
    t.equal(a.last('error'), undefined, 'the last call is like any other')
    hangUp(a)
    a.news()
    name(a, 'b')
    t.same(a.news(), ['error quotaUsedUp'])
    t.equal(a.closed, null, 'it may still wait, and be told so')
    t.same(tally.quotaRefused, { ...new Tally(() => 0).quotaRefused, callsPerId: 1 })
    name(b, 'anna')
    t.equal(b.last('matched')?.callId === callId, false)
    t.equal(b.last('presence')?.state, 'absent')
    const guest = online('d')
    name(guest, 'b')
    name(b, 'd')
    t.equal(b.news().at(-1), 'matched', 'b has had one call, and has one more')
    clock.advance(24 * HOUR)
    name(a, 'c')
    t.equal(a.news().at(-1), 'presence')
  },
)

t.test('calls are counted by address as well, those with ids of one-time calls there alone', async t => {
  const { online } = quotaWorld({ quotaCallsPerAddress: 2, quotaCallsPerId: 1 })
  for (const number of [7, 8]) {
    const a = name(online(`${number}.a`, '10.0.0.7'), `${number}.b`)
    const b = name(online(`${number}.b`, '10.0.0.8'), `${number}.a`)
    t.ok(a.last('matched') && b.last('matched'))
  }
  t.same(name(online('x', '10.0.0.7'), 'y').news().at(-1), 'error quotaUsedUp')
  t.same(name(online('y', '10.0.0.9'), 'x').news().at(-1), 'presence')
})

t.test('nobody uses up the calls of another by calling again and again', async t => {
  const { call, online } = quotaWorld({ quotaCallsPerId: 5 })
  const { a, b } = call()
  for (let n = 0; n < 10; n++) name(a, 'b')
  t.equal(a.last('error')?.name, 'quotaUsedUp')
  hangUp(b)
  b.news()
  name(b, 'c')
  name(online('c'), 'b')
  t.equal(b.news().at(-1), 'matched')
})

t.test('who claims to come back to a call that is not here gets some more, not all he wants', async t => {
  const { call, hub, clock } = quotaWorld({ quotaCallsPerId: 2 })
  const { a, b } = call()
  let matched = 0
  for (let n = 0; n < 40; n++) {
    for (const one of [a, b]) hangUp(one)
    clock.advance(10_000)
    const made = toBase64url(random(16))
    a.news()
    name(a, 'b', made)
    name(b, 'a', made)
    if (a.news().includes('matched')) matched++
    if (a.closed !== null) break
  }
  t.equal(matched, 1 + GRACE.calls)
  t.equal(hub.calls, 0)
})

t.test(
  'when the bytes of a side are used up both are told; a minute of voice later no more is relayed, and the call goes on',
  async t => {
    const { call, tally, talk, hub } = quotaWorld({ quotaBytesPerId: 30_000 })
    const { a, b } = call()
    talk(4_980, a)
    t.equal(a.last('error'), undefined)
    talk(5_000, a)
    t.equal(a.last('error'), undefined, '30 kB are 250 frames')
    talk(5_000, a)
    t.match(a.last('error'), { name: 'quotaEndsSoon', message: /one id 0\.03 MB of relayed voice a day.*In a minute/ })
    t.match(b.last('error'), { name: 'quotaEndsSoon', message: /^The other side has used up/ })
    const heard = b.voice.length
    a.news()
    talk(20_000, a)
    t.equal(b.voice.length, heard + 1_000, 'it goes on')
    t.same(a.news(), [], 'and is told once')
    talk(minuteOfBytes, a)
    t.match(a.last('error'), { name: 'quotaUsedUp', message: /No more of this call is relayed\.$/ })
    t.match(b.last('error'), { name: 'quotaUsedUp' })
    const [before, dropped] = [b.voice.length, tally.drops.quota]
    talk(1_000, a, b)
    t.equal(b.voice.length, before)
    t.equal(a.voice.length, 0, 'one half of a call is none')
    t.equal(tally.drops.quota, dropped + 100)
    t.equal(hub.calls, 1, 'a direct route goes on')
    t.equal(a.closed, null)
    t.same(tally.quotaRefused, { ...new Tally(() => 0).quotaRefused, megabytesPerId: 1 })
  },
)

t.test('a new socket makes nobody more: what it used counts, and what is used up stays so', async t => {
  const { client, online, talk } = quotaWorld({ quotaBytesPerId: 30_000 })
  const me = { id: 'a', identity: newIdentity(), session: newSession() }
  const first = name(client().login(me), 'b')
  const b = name(online('b'), 'a')
  const { callId } = b.last('matched')!
  let a = first
  for (let passed = 0; passed < minuteOfBytes + 20_000; passed += 2_000) {
    a.hangUp()
    a = name(client().login(me), 'b', callId)
    talk(2_000, a)
  }
  const heard = b.voice.length
  t.ok(heard * PAYLOAD < 30_000 + GRACE.bytes + 300 * PAYLOAD, `${heard} frames`)
  a.hangUp()
  a = name(client().login(me), 'b', callId)
  talk(6_000, a)
  t.equal(b.voice.length, heard)
  t.equal(a.last('error')?.name, 'quotaUsedUp')
})

t.test(
  'hours count while voice is relayed, not while a call is direct and only looks whether the relay is there',
  async t => {
    const { call, clock, talk } = quotaWorld({ quotaMsPerAddress: HOUR })
    const { a, b } = call()
    for (let n = 0; n < 4_000; n++) {
      clock.advance(1_000)
      a.leg.send(new Uint8Array(PAYLOAD))
      b.leg.send(new Uint8Array(PAYLOAD))
    }
    t.equal(a.last('error'), undefined)
    // Both come from one address.
    talk(HOUR / 2 - 10_000, a, b)
    t.equal(a.last('error'), undefined)
    talk(20_000, a, b)
    t.equal(a.last('error')?.name, 'quotaEndsSoon')
    talk(30_000, a, b)
    t.match(a.last('error'), { name: 'quotaUsedUp', message: /one address 1 hour of relayed voice a day/ })
    hangUp(a)
    name(a, 'b')
    t.match(a.news().slice(-1), ['error quotaUsedUp'])
  },
)

t.test('the next day voice is relayed again, in the same call', async t => {
  const { call, clock, talk } = quotaWorld({ quotaBytesPerId: 1_000 })
  const { a, b } = call()
  talk(minuteOfBytes + 20_000, a)
  t.equal(b.last('error')?.name, 'quotaUsedUp')
  for (let n = 0; n < 24 * 60; n++) clock.advance(60_000)
  const heard = b.voice.length
  talk(1_000, a)
  t.equal(b.voice.length, heard + 50)
})

t.test('the echo of the server is held to nothing, who calls it is', async t => {
  const echo = newIdentity()
  const key = toBase64url(echo.publicKey)
  const limits = { quotaCallsPerId: 1, quotaCallsPerAddress: 1 }
  const { client, online } = quotaWorld(limits, { isOwn: own => own === key })
  const e = client('127.0.0.1').login({ id: 'echo-1', identity: echo })
  for (const id of ['a', 'b']) {
    const caller = name(online(id, `10.0.0.${id}`), 'echo-1')
    name(e, id)
    t.ok(caller.last('matched'))
    hangUp(caller)
    caller.news()
    name(caller, 'echo-1')
    t.same(caller.news(), ['error quotaUsedUp'])
  }
})
