/** What a hostile server or a hostile other side may try with the four messages (the numbers are those of the threat list). */
import t from 'tap'
import { utf8 } from '../../../protocol/bytes.js'
import { commitmentTo } from '../../../protocol/handshake/key-schedule.js'
import type { HandshakeStep } from '../../../protocol/handshake/step.js'
import { createIdentity } from '../../../protocol/identity.js'
import type { Handshake } from '../../../protocol/index.js'
import { lv, readLv } from '../../../protocol/length-value.js'
import { hex, seeded, unhex } from '../seeded.js'
import { agree, CALL_ID, sent, sideA, sideB } from './pair.js'

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
  t.test(`ends without keys when any byte of ${name.toUpperCase()} is changed (1)`, async t => {
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

  t.test(`refuses ${name.toUpperCase()} cut at any length, and with a byte more (2)`, async t => {
    for (const length of [0, 1, 3, 4, 20, 21, 54, 60, messages[name].length - 1])
      t.match(before[name]().receive(messages[name].slice(0, length)), { kind: 'failed', reason: 'badMessage' })
    t.match(before[name]().receive(Uint8Array.of(...messages[name], 0)), { kind: 'failed', reason: 'badMessage' })
  })
}

t.test('takes no message of another handshake in its place (3)', async t => {
  const old = agree(sideA({}, 'old a'), sideB({}, 'old b')).messages
  t.match(before.m2().receive(old.m2), { kind: 'failed', reason: 'badMessage', message: /never sent/ })
  t.match(before.m3().receive(old.m3), { kind: 'failed', reason: 'badCommitment' })
  t.match(before.m4().receive(old.m4), { kind: 'failed', reason: 'unverified' })
})

t.test('takes no message of another call (3)', async t => {
  const options = { callId: seeded('another')(16) }
  const other = agree(sideA(options), sideB(options)).messages
  for (const name of ['m1', 'm2', 'm3', 'm4'] as const)
    t.match(before[name]().receive(other[name]), { kind: 'failed', reason: 'wrongCall' }, name)
})

t.test('takes none of its own messages back, and none out of turn (4)', async t => {
  for (const message of [m1, m3, m4]) t.match(before.m2().receive(message), { kind: 'failed', reason: 'badMessage' })
  for (const message of [m2, m3, m4]) t.match(before.m1().receive(message), { kind: 'failed', reason: 'badMessage' })
  for (const message of [m2, m4]) t.match(before.m3().receive(message), { kind: 'failed', reason: 'badMessage' })
  for (const message of [m1, m3]) t.match(before.m4().receive(message), { kind: 'failed', reason: 'badMessage' })
})

t.test('answers one M2 and no other: each answer lets someone test a guess (6)', async t => {
  const a = before.m4()
  const second = sent(sideB({}, 'second guess'), m1)
  t.match(a.receive(second), { kind: 'failed', reason: 'badMessage' })
  t.equal(a.awaitsConfirmation, true)
})

t.test('refuses another mode on the way back, whatever M1 said (8)', async t => {
  const fields = fieldsOf(m2)
  fields[2] = Uint8Array.of(1)
  t.match(sideA().receive(lv(...fields)), { kind: 'failed', reason: 'wrongMode' })
  fields[2] = Uint8Array.of(2)
  t.match(sideA().receive(lv(...fields)), { kind: 'failed', reason: 'badMessage' })
})

t.test('refuses another version or cipher suite, even with fields that it does not know (9)', async t => {
  const fields = fieldsOf(m1)
  const changed = (at: number, ...bytes: number[]) => lv(...fields.with(at, Uint8Array.of(...bytes)))
  t.match(sideB().receive(changed(1, 2)), { kind: 'failed', reason: 'wrongVersion' })
  t.match(sideB().receive(changed(3, 0, 4)), { kind: 'failed', reason: 'wrongVersion' })
  t.match(sideB().receive(lv('h1', Uint8Array.of(2), 'whatever', 'comes')), { kind: 'failed', reason: 'wrongVersion' })
})

t.test('refuses swapped or other ids (10)', async t => {
  const fields = fieldsOf(m1)
  t.match(sideB().receive(lv(...fields.with(5, fields[6]!).with(6, fields[5]!))), { reason: 'wrongCall' })
  t.match(sideB().receive(lv(...fields.with(5, utf8('abd')))), { kind: 'failed', reason: 'wrongCall' })
  t.match(sideB().receive(lv(...fields.with(5, utf8('ABC')))), { kind: 'failed', reason: 'wrongCall' })
})

const BAD_SHARES = {
  identity: '00'.repeat(32),
  'not canonical': 'ff'.repeat(32),
  negative: `01${'00'.repeat(31)}`,
  'no square': '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371',
}
for (const [what, share] of Object.entries(BAD_SHARES))
  t.test(`gives up on a share that is no usable point: ${what} (11)`, async t => {
    const atA = fieldsOf(m2).with(3, unhex(share))
    t.match(sideA().receive(lv(...atA)), { kind: 'failed', reason: 'badShare' })
    // A cheating side a commits to the bad share, so that the commitment holds.
    const ad = fieldsOf(fieldsOf(m3)[0]!)[3]!
    const b = sideB()
    sent(b, lv(...fieldsOf(m1).with(7, commitmentTo(CALL_ID, unhex(share), ad))))
    const bad = lv(lv('h3', CALL_ID, unhex(share), ad), new Uint8Array(32), new Uint8Array(80))
    t.match(b.receive(bad), { kind: 'failed', reason: 'badShare' })
  })

t.test('gives the two sides different codes when someone sits between them (12)', async t => {
  const [a, mallory1] = [sideA(), sideB({}, 'mallory as b')]
  const [mallory2, b] = [sideA({}, 'mallory as a'), sideB()]
  const left = agree(a, mallory1)
  const right = agree(mallory2, b)
  t.not(left.keysA.code, right.keysB.code)
})

t.test('does not let someone in between change who signs (14)', async t => {
  const mallory = createIdentity(seeded('mallory'))
  const ad = lv('b', seeded('n')(32), mallory.publicKey, fieldsOf(fieldsOf(m2)[4]!)[3]!)
  const m3ToMallory = sent(sideA(), lv(...fieldsOf(m2).with(4, ad)))
  t.match(before.m3().receive(m3ToMallory), { kind: 'failed', reason: 'unverified' })
})

t.test('gives named failures and never throws for random bytes', async t => {
  const random = seeded('noise')
  for (const length of [0, 1, 2, 67, 68, 190, 237, 1024, 1025, 8192]) {
    for (const name of ['m1', 'm2', 'm3', 'm4'] as const) {
      const step: HandshakeStep = before[name]().receive(random(length))
      t.match(step, { kind: 'failed', reason: 'badMessage', message: /\w \w/ })
    }
  }
})

function fieldsOf(message: Uint8Array): Uint8Array[] {
  const read = readLv(message, 16)
  if (!read.ok) throw new Error(`not fields: ${hex(message)}`)
  return read.value
}
