import t from 'tap'
import type { HandshakeStep } from '../../../protocol/handshake/handshake.js'
import { createIdentity } from '../../../protocol/identity.js'
import { lv } from '../../../protocol/length-value.js'
import { hex, seeded } from '../seeded.js'
import { agree, CALL_ID, sent, sideA, sideB } from './pair.js'

for (const password of [null, 'crossover clockwork']) {
  t.test(`agrees on the same keys ${password ? 'with a password' : 'with a code'}`, async t => {
    const a = sideA({ password })
    const b = sideB({ password })
    t.equal(a.side, 'a')
    t.equal(b.side, 'b')
    t.equal(b.start(), null)
    t.equal(a.awaitsConfirmation, false)
    const { messages, keysA, keysB } = agree(a, b)
    t.equal(a.awaitsConfirmation, false)
    t.strictSame(
      Object.values(messages).map(m => m.length),
      [68, 190, 237, 134],
    )
    t.equal(keysA.mode, password ? 'password' : 'code')
    t.equal(keysB.mode, keysA.mode)
    t.match(keysA.code, /^[A-Z2-7]{6}$/)
    t.equal(keysB.code, keysA.code)
    t.strictSame(keysA.callId, CALL_ID)
    for (const stream of ['media', 'control'] as const) {
      t.equal(hex(keysA.chains[stream].send), hex(keysB.chains[stream].receive))
      t.equal(hex(keysA.chains[stream].receive), hex(keysB.chains[stream].send))
    }
    const chains = [keysA.chains.media, keysA.chains.control].flatMap(pair => [hex(pair.send), hex(pair.receive)])
    t.equal(new Set(chains).size, 4)
    t.ok(chains.every(chain => chain.length === 128))
  })
}

t.test('tells each side who the other one is', async t => {
  const [a, b] = [createIdentity(seeded('a secret')), createIdentity(seeded('b secret'))]
  const { keysA, keysB } = agree(sideA({ identity: a }), sideB({ identity: b }))
  t.equal(hex(keysA.peerIdentity), hex(b.publicKey))
  t.equal(hex(keysB.peerIdentity), hex(a.publicKey))
})

t.test('goes on with the key that is pinned, and ends at another before this side shows more', async t => {
  const [a, b, other] = ['a', 'b', 'other'].map(name => createIdentity(seeded(`${name} identity`)).publicKey)
  for (const password of [null, 'crossover clockwork']) {
    t.doesNotThrow(() => agree(sideA({ password, pinned: b }), sideB({ password, pinned: a })))
    const one = sideA({ password, pinned: other })
    const m2 = sent(sideB({ password }), one.start()!)
    t.strictSame(pick(one.receive(m2)), { kind: 'failed', reason: 'changedKey', send: null, seen: hex(b!) })
    t.equal(one.awaitsConfirmation, false, 'nothing that tests a guess was sent')
    t.match(one.receive(m2), { kind: 'wait' }, 'and never is')
    const two = sideB({ password, pinned: other })
    const m3 = sent(sideA({ password }), sent(two, sideA({ password }).start()!))
    t.strictSame(pick(two.receive(m3)), { kind: 'failed', reason: 'changedKey', send: null, seen: hex(a!) })
  }
})

t.test('a wrong password is no word about the key', async t => {
  const two = sideB({ password: 'heron', pinned: createIdentity(seeded('other')).publicKey })
  const m3 = sent(sideA({ password: 'stork' }), sent(two, sideA({ password: 'stork' }).start()!))
  t.match(two.receive(m3), { kind: 'failed', reason: 'unverified' })
})

/** What of a failure matters here. */
function pick(step: HandshakeStep) {
  if (step.kind !== 'failed') return step
  return { kind: step.kind, reason: step.reason, send: step.send, seen: step.seen && hex(step.seen) }
}

t.test('gives other keys and another code in each call', async t => {
  const one = agree(sideA({}, 'a1'), sideB({}, 'b1'))
  const two = agree(sideA({}, 'a2'), sideB({}, 'b1'))
  t.not(one.keysA.code, two.keysA.code)
  t.not(hex(one.keysA.chains.media.send), hex(two.keysA.chains.media.send))
})

t.test('takes one password in both of its Unicode forms, and tells upper from lower case', async t => {
  t.doesNotThrow(() => agree(sideA({ password: 'Grüße' }), sideB({ password: 'Gru\u0308ße' })))
  t.throws(() => agree(sideA({ password: 'Grüße' }), sideB({ password: 'grüße' })), /unverified/)
})

t.test('ends as unverified on side b when the passwords differ, and leaves side a waiting for proof', async t => {
  const a = sideA({ password: 'heron' })
  const b = sideB({ password: 'stork' })
  const m3 = sent(a, sent(b, a.start()!))
  t.equal(a.awaitsConfirmation, true)
  const step = b.receive(m3)
  t.match(step, { kind: 'failed', reason: 'unverified', message: /passwords differ/, send: null })
  t.notMatch(JSON.stringify(step), /heron|stork/, 'the passwords are not told')
  t.strictSame(b.receive(m3), { kind: 'wait' }, 'no second guess with the same message')
  t.equal(a.awaitsConfirmation, true)
})

t.test('ends as unverified on side a when side b goes on without the password', async t => {
  const a = sideA({ password: 'heron' })
  const liar = sideB({ password: 'stork' })
  sent(a, sent(liar, a.start()!))
  const forged = lv('h4', CALL_ID, seeded('tag')(32), seeded('box')(80))
  t.match(a.receive(forged), { kind: 'failed', reason: 'unverified', message: /passwords differ/ })
  t.equal(a.awaitsConfirmation, true, 'it counts as a guess')
})

t.test('says wrongMode on both sides when one has a password and the other none', async t => {
  for (const [atA, atB] of [
    ['secret', null],
    [null, 'secret'],
  ] as const) {
    const a = sideA({ password: atA })
    const step = sideB({ password: atB }).receive(a.start()!)
    t.match(step, { kind: 'failed', reason: 'wrongMode', message: atB ? /^You gave/ : /^The other side gave/ })
    const answer = step.kind === 'failed' && step.send
    if (!answer) return t.fail('side b sends nothing')
    t.match(a.receive(answer), { kind: 'failed', reason: 'wrongMode', message: atA ? /^You gave/ : /^The other side/ })
    t.equal(a.awaitsConfirmation, false, 'nothing was given away')
  }
})

t.test('answers a repeated message with the same bytes', async t => {
  const a = sideA()
  const b = sideB()
  const { m1, m2, m3, m4 } = agree(a, b).messages
  t.strictSame(a.start(), m1)
  t.strictSame(b.receive(m1), { kind: 'send', bytes: m2 })
  t.strictSame(a.receive(m2), { kind: 'send', bytes: m3 })
  t.strictSame(b.receive(m3), { kind: 'send', bytes: m4 })
  t.strictSame(a.receive(m4), { kind: 'wait' })
})

t.test('knows what it sent last, to send it again after a reconnect', async t => {
  const a = sideA()
  const b = sideB()
  t.equal(b.lastSent, null)
  t.strictSame(a.lastSent, a.start())
  const { m3, m4 } = agree(a, b).messages
  t.strictSame(a.lastSent, m3)
  t.strictSame(b.lastSent, m4)
})

t.test('takes nothing new after the end, and keeps its keys', async t => {
  const a = sideA()
  const b = sideB()
  const { keysA } = agree(a, b)
  const chain = hex(keysA.chains.media.send)
  const other = agree(sideA({}, 'other'), sideB({}, 'other b')).messages
  for (const message of Object.values(other)) {
    t.match(a.receive(message), { kind: 'failed', reason: 'unexpected' })
    t.match(b.receive(message), { kind: 'failed', reason: 'unexpected' })
  }
  t.equal(hex(keysA.chains.media.send), chain)
  t.equal(a.awaitsConfirmation, false)
})

t.test('refuses what can not be a call', async t => {
  t.throws(() => sideA({ peerId: 'abc' }), /different ids/)
  t.throws(() => sideA({ password: '' }), /empty password/)
  t.throws(() => sideA({ callId: new Uint8Array(15) }), /16 bytes/)
})
