/** What a hostile server or a hostile other side may try with the four messages of the key agreement. */
import t from 'tap'
import { utf8 } from '../../protocol/bytes.js'
import { sharedPoint } from '../../protocol/cpace.js'
import type { HandshakeStep } from '../../protocol/handshake/step.js'
import { createIdentity } from '../../protocol/identity.js'
import type { Handshake } from '../../protocol/index.js'
import { lv } from '../../protocol/length-value.js'
import { agree, CALL_ID, sent, sideA, sideB } from '../protocol/handshake/pair.js'
import { seeded, unhex } from '../protocol/seeded.js'
import { attack } from './attack.js'
import { ForgedInitiator, fieldsOf, forgedM2, forgedM4, mallory, shareOf } from './mallory.js'

const { messages } = agree()
const { m1, m2, m3, m4 } = messages

/** The same sides again, up to just before the message. */
const before: Record<keyof typeof messages, () => Handshake> = {
  m1: () => sideB(),
  m2: () => sideA(),
  m3: () => {
    const b = sideB()
    b.receive(m1)
    return b
  },
  m4: () => {
    const a = sideA()
    a.receive(m2)
    return a
  },
}

for (const name of ['m1', 'm2', 'm3', 'm4'] as const) {
  attack(1, `no keys when any byte of ${name.toUpperCase()} is changed`, async t => {
    const reasons = new Map<string, number>()
    for (let i = 0; i < messages[name].length; i++) {
      const changed = messages[name].slice()
      changed[i]! ^= 1 << (i % 8)
      let step = before[name]().receive(changed)
      // Side b can not check the commitment and answers; side a sees that its M1 was changed.
      if (name === 'm1' && step.kind === 'send') step = sideA().receive(step.bytes)
      // Side a can not check M2's share, nonce and identity; side b sees it in the tag.
      if (name === 'm2' && step.kind === 'send') step = before.m3().receive(step.bytes)
      if (step.kind !== 'failed') return t.fail(`byte ${i} changed: ${step.kind}`)
      reasons.set(step.reason, (reasons.get(step.reason) ?? 0) + 1)
    }
    t.comment(`${name}: ${[...reasons].map(([reason, n]) => `${reason} ${n}`).join(', ')}`)
    t.notOk(reasons.has('unexpected'))
  })

  attack(2, `${name.toUpperCase()} cut at each length, in each of its fields, and with a byte more`, async t => {
    const refused = (bytes: Uint8Array) => {
      const step = before[name]().receive(bytes)
      return step.kind === 'failed' && step.reason === 'badMessage'
    }
    const whole = messages[name]
    for (let length = 0; length < whole.length; length++)
      if (!refused(whole.slice(0, length))) return t.fail(`took ${length} bytes of ${whole.length}`)
    t.ok(refused(Uint8Array.of(...whole, 0)), 'one more')
    const fields = fieldsOf(whole)
    for (const [i, field] of fields.entries()) {
      if (name === 'm1' && (i === 5 || i === 6)) continue // ids have any length; they are compared
      for (let length = 0; length < field.length; length++)
        if (!refused(lv(...fields.with(i, field.slice(0, length))))) return t.fail(`took ${length} bytes of field ${i}`)
    }
  })
}

attack(3, 'a message of an earlier key agreement under the same call id', async t => {
  const old = agree(sideA({}, 'old a'), sideB({}, 'old b')).messages
  t.match(before.m2().receive(old.m2), { kind: 'failed', reason: 'badMessage', message: /never sent/ })
  t.match(before.m3().receive(old.m3), { kind: 'failed', reason: 'badCommitment' })
  t.match(before.m4().receive(old.m4), { kind: 'failed', reason: 'unverified' })
})

attack(3, 'a message of another call', async t => {
  const options = { callId: seeded('another')(16) }
  const other = agree(sideA(options), sideB(options)).messages
  for (const name of ['m1', 'm2', 'm3', 'm4'] as const)
    t.match(before[name]().receive(other[name]), { kind: 'failed', reason: 'wrongCall' }, name)
})

attack(3, 'a second, different M2, to have a second guess tested', async t => {
  const a = before.m4()
  const second = sent(sideB({}, 'second guess'), m1)
  t.match(a.receive(second), { kind: 'failed', reason: 'badMessage' })
  t.equal(a.awaitsConfirmation, true)
})

attack(4, 'its own messages sent back to a side, and messages out of turn', async t => {
  for (const message of [m1, m3, m4]) t.match(before.m2().receive(message), { kind: 'failed', reason: 'badMessage' })
  for (const message of [m2, m3, m4]) t.match(before.m1().receive(message), { kind: 'failed', reason: 'badMessage' })
  for (const message of [m2, m4]) t.match(before.m3().receive(message), { kind: 'failed', reason: 'badMessage' })
  for (const message of [m1, m3]) t.match(before.m4().receive(message), { kind: 'failed', reason: 'badMessage' })
})

attack(4, "side a's proof sent back as side b's, by one who knows no password", async t => {
  const identity = createIdentity(seeded('a identity'))
  const a = sideA({ password: 'heron', identity })
  // The server knows the public key of side a from its login.
  const m3 = sent(a, forgedM2(a.start()!, 'password', shareOf('any').point, identity.publicKey))
  const [, tag, box] = fieldsOf(m3)
  t.match(a.receive(lv('h4', CALL_ID, tag!, box!)), { kind: 'failed', reason: 'unverified' })
  t.equal(a.awaitsConfirmation, true, 'it counts as a guess')
})

attack(5, 'two passwords that differ', async t => {
  for (const wrong of ['Heron', 'heron ', 'herons', 'stork', '\x00', '\x01']) {
    const a = sideA({ password: 'heron' })
    const b = sideB({ password: wrong })
    const m3 = sent(a, sent(b, a.start()!))
    const step = b.receive(m3)
    t.match(step, { kind: 'failed', reason: 'unverified', send: null }, JSON.stringify(wrong))
    t.equal(a.awaitsConfirmation, true, 'side a waits for a proof that nobody has')
    t.notMatch(JSON.stringify(step), /heron|stork/i, 'the passwords are not told')
  }
})

attack(5, 'a side b that goes on without the password', async t => {
  const a = sideA({ password: 'heron' })
  const { secret, point } = shareOf('guess')
  const m2 = forgedM2(a.start()!, 'password', point, mallory.publicKey)
  const m3 = sent(a, m2)
  const shared = sharedPoint(secret, fieldsOf(fieldsOf(m3)[0]!)[2]!)!
  t.match(a.receive(forgedM4(a.start()!, m2, m3, shared)), { kind: 'failed', reason: 'unverified' })
})

attack(8, 'both sides are told that the other has no password', async t => {
  const a = sideA({ password: 'heron' })
  const lie = forgedM2(a.start()!, 'code', shareOf('any').point, mallory.publicKey)
  t.match(a.receive(lie), { kind: 'failed', reason: 'wrongMode', send: null })
  t.equal(a.awaitsConfirmation, false, 'side a has shown nothing that a guess could be tested on')
  const b = sideB({ password: 'heron' })
  t.match(b.receive(new ForgedInitiator('code', shareOf('any').point).m1), { kind: 'failed', reason: 'wrongMode' })
})

attack(8, 'a mode that there is none of', async t => {
  t.match(sideA().receive(lv(...fieldsOf(m2).with(2, Uint8Array.of(2)))), { kind: 'failed', reason: 'badMessage' })
  t.match(sideB().receive(lv(...fieldsOf(m1).with(2, Uint8Array.of(2)))), { kind: 'failed', reason: 'badMessage' })
})

attack(9, 'another version or cipher suite, even with fields that nobody knows', async t => {
  const fields = fieldsOf(m1)
  const changed = (at: number, ...bytes: number[]) => lv(...fields.with(at, Uint8Array.of(...bytes)))
  for (const version of [0, 2, 255])
    t.match(sideB().receive(changed(1, version)), { kind: 'failed', reason: 'wrongVersion' })
  for (const suite of [0, 1, 4, 6])
    t.match(sideB().receive(changed(3, 0, suite)), { kind: 'failed', reason: 'wrongVersion' })
  t.match(sideB().receive(lv('h1', Uint8Array.of(2), 'whatever', 'comes')), { kind: 'failed', reason: 'wrongVersion' })
})

attack(10, 'swapped or other ids in M1', async t => {
  const fields = fieldsOf(m1)
  t.match(sideB().receive(lv(...fields.with(5, fields[6]!).with(6, fields[5]!))), { reason: 'wrongCall' })
  t.match(sideB().receive(lv(...fields.with(5, utf8('abd')))), { kind: 'failed', reason: 'wrongCall' })
  t.match(sideB().receive(lv(...fields.with(5, utf8('ABC')))), { kind: 'failed', reason: 'wrongCall' })
})

for (const password of [null, 'heron'])
  attack(10, `one who wants Mal is put through to XYZ, ${password ? 'with one password' : 'with a code'}`, async t => {
    const a = () => sideA({ peerId: 'Mal', password })
    const truth = a().start()!
    const lie = lv(...fieldsOf(truth).with(6, utf8('xyz')))
    t.equal(keysFrom(a(), sideB({ password }), truth), 0, 'nobody has keys')
    t.equal(keysFrom(a(), sideB({ password }), lie), 0, 'nor when the server changes the id')
  })

/** How many of two sides have keys in the end, when side b gets this as M1. */
function keysFrom(a: Handshake, b: Handshake, first: Uint8Array): number {
  let [to, other] = [b, a]
  let keys = 0
  for (let message: Uint8Array | null = first; message; [to, other] = [other, to]) {
    const step: HandshakeStep = to.receive(message)
    if (step.kind === 'done') keys++
    message = step.kind === 'send' ? step.bytes : step.kind === 'done' ? step.send : null
  }
  return keys
}

const BAD_SHARES = {
  identity: '00'.repeat(32),
  'not canonical': 'ff'.repeat(32),
  negative: `01${'00'.repeat(31)}`,
  'no square': '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371',
}
/** What each multiple of the identity is encoded as: what both sides would have in common, whatever the password. */
const NOTHING = new Uint8Array(32)

for (const [what, share] of Object.entries(BAD_SHARES))
  attack(11, `a share that is no usable point, to know the key without the password: ${what}`, async t => {
    const point = unhex(share)
    const a = sideA({ password: 'heron' })
    const m2 = forgedM2(a.start()!, 'password', point, mallory.publicKey)
    const atA = a.receive(m2)
    const endA = atA.kind === 'send' ? a.receive(forgedM4(a.start()!, m2, atA.bytes, NOTHING)) : atA
    t.match(endA, { kind: 'failed', reason: 'badShare' }, 'side a has no keys')
    const b = sideB({ password: 'heron' })
    const forged = new ForgedInitiator('password', point)
    const answer = sent(b, forged.m1)
    t.match(b.receive(forged.m3(answer, NOTHING)), { kind: 'failed', reason: 'badShare' }, 'side b has no keys')
  })

attack(12, 'someone between the two agrees with each', async t => {
  const left = agree(sideA(), sideB({}, 'mallory as b'))
  const right = agree(sideA({}, 'mallory as a'), sideB())
  t.not(left.keysA.code, right.keysB.code)
})

attack(12, 'and tries shares until side b shows a code that begins as the other one does', async t => {
  const { keysA } = agree(sideA(), sideB({}, 'mallory as b'))
  const promised = shareOf('promised')
  const forged = new ForgedInitiator('code', promised.point)
  const b = sideB()
  const m2 = sent(b, forged.m1)
  // One character of six, which takes 32 tries; all six take 2^30, and no longer than that.
  let tries = 0
  let share = promised
  while (forged.codeWith(m2, share)[0] !== keysA.code[0]) share = shareOf(`try ${tries++}`)
  t.comment(`found after ${tries} tries`)
  const shared = sharedPoint(share.secret, fieldsOf(m2)[3]!)!
  t.match(b.receive(forged.m3(m2, shared, share.point)), { kind: 'failed', reason: 'badCommitment' })
})

t.test('named failures and no throw for random bytes', async t => {
  const random = seeded('noise')
  for (const length of [0, 1, 2, 67, 68, 190, 237, 1024, 1025, 8192]) {
    for (const name of ['m1', 'm2', 'm3', 'm4'] as const) {
      const step: HandshakeStep = before[name]().receive(random(length))
      t.match(step, { kind: 'failed', reason: 'badMessage', message: /\w \w/ })
    }
  }
})
