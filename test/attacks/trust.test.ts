/** Who someone is: what may be tried against keys that are known, and against the limit of guesses. */
import { createIdentity } from '../../protocol/identity.js'
import { lv } from '../../protocol/length-value.js'
import { sent, sideA, sideB } from '../protocol/handshake/pair.js'
import { seeded } from '../protocol/seeded.js'
import { attack } from './attack.js'
import { fieldsOf, mallory } from './mallory.js'

attack(14, 'someone in between changes who signs', async t => {
  const [a, b] = [sideA(), sideB()]
  const m2 = sent(b, a.start()!)
  const ad = lv('b', seeded('n')(32), mallory.publicKey, fieldsOf(fieldsOf(m2)[4]!)[3]!)
  const m3ToMallory = sent(a, lv(...fieldsOf(m2).with(4, ad)))
  t.match(b.receive(m3ToMallory), { kind: 'failed', reason: 'unverified' })
})

attack(14, 'who holds the password claims the key of someone else', async t => {
  const victim = createIdentity(seeded('victim'))
  const liar = { publicKey: victim.publicKey, secretKey: mallory.secretKey }
  const a = sideA({ password: 'heron' })
  const b = sideB({ password: 'heron', identity: liar })
  const step = b.receive(sent(a, sent(b, a.start()!)))
  if (step.kind !== 'done' || !step.send) return t.fail(step.kind)
  t.match(a.receive(step.send), { kind: 'failed', reason: 'unverified' })
})
