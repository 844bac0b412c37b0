/** Who someone is: what may be tried against keys that are known, and against the limit of guesses. */
import { ContactsInMemory } from '../../peer/trust/contacts.js'
import { GuessFile } from '../../peer/trust/guess-file.js'
import { COUNTED_MS, type Guesses, guessesInMemory, LIMITS } from '../../peer/trust/guesses.js'
import { sharedPoint } from '../../protocol/cpace.js'
import { createIdentity } from '../../protocol/identity.js'
import { lv } from '../../protocol/length-value.js'
import { sent, sideA, sideB } from '../protocol/handshake/pair.js'
import { seeded } from '../protocol/seeded.js'
import { Agreeing, carry } from './agreeing.js'
import { attack } from './attack.js'
import { ForgedInitiator, fieldsOf, forgedM2, mallory, shareOf } from './mallory.js'

const identity = createIdentity(seeded('someone'))
const random = seeded('trust')
const SHARE = shareOf('guess')
const GUESSER = {
  code: new ForgedInitiator('code', SHARE.point),
  password: new ForgedInitiator('password', SHARE.point),
}

/** Whether ABC shows someone silent, who makes up an M2, what a guess can be tested on. */
function showsM3(guesses: Guesses, password: string | null, peerId = 'XYZ'): boolean {
  const abc = new Agreeing('ABC', peerId, { password, identity, random, guesses })
  abc.hear(forgedM2(abc.sent[0]!, password === null ? 'code' : 'password', SHARE.point, mallory.publicKey))
  return abc.sent.length > 1
}

/** Whether XYZ tells someone with a guess whether it is right. */
function judges(guesses: Guesses): boolean {
  const xyz = new Agreeing('XYZ', 'ABC', { password: 'heron', identity, random, guesses })
  xyz.hear(GUESSER.password.m1)
  const m2 = xyz.sent[0]!
  xyz.hear(GUESSER.password.m3(m2, sharedPoint(SHARE.secret, fieldsOf(m2)[3]!)!))
  return xyz.failed?.distrust === null
}

const times = (n: number, what: () => boolean) => Array.from({ length: n }, what).filter(Boolean).length

attack(6, 'someone takes M3 for a guess and never answers', async t => {
  let now = 0
  const guesses = guessesInMemory(() => now)
  t.equal(
    times(14, () => showsM3(guesses, 'heron')),
    LIMITS.guess.pair,
    'silence is a guess',
  )
  now = COUNTED_MS - 1
  t.notOk(showsM3(guesses, 'heron'))
  now = COUNTED_MS
  t.ok(showsM3(guesses, 'heron'), 'an hour later there may be another')
})

attack(6, 'someone shows guesses to side b', async t => {
  const guesses = guessesInMemory(() => 0)
  t.equal(
    times(14, () => judges(guesses)),
    LIMITS.guess.pair,
  )
})

attack(6, 'the program ends and is started again between guesses', async t => {
  const folder = t.testdir()
  t.equal(
    times(14, () => showsM3(new GuessFile(folder), 'heron')),
    LIMITS.guess.pair,
  )
})

attack(6, 'a good call in between', async t => {
  const guesses = guessesInMemory(() => 0)
  const shown = times(9, () => showsM3(guesses, 'heron'))
  const parts = { password: 'heron', identity, random, guesses }
  const [abc, xyz] = [new Agreeing('ABC', 'XYZ', parts), new Agreeing('XYZ', 'ABC', { ...parts, guesses: null })]
  carry(abc, xyz)
  t.ok(abc.keys && xyz.keys, 'it counts for nothing')
  t.equal(shown + times(14, () => showsM3(guesses, 'heron')), LIMITS.guess.pair, 'and takes nothing back')
})

attack(7, 'each guess comes from another id', async t => {
  const guesses = guessesInMemory(() => 0)
  let n = 0
  t.equal(
    times(34, () => showsM3(guesses, 'heron', `xyz-${n++}`)),
    LIMITS.guess.all,
  )
  t.notOk(showsM3(guesses, 'heron', 'somebody-else'))
})

attack(7, 'each guess comes from the same id in other letters', async t => {
  const guesses = guessesInMemory(() => 0)
  const spellings = ['XYZ', 'xyz', 'Xyz', 'xYz', 'xyZ']
  let n = 0
  t.equal(
    times(14, () => showsM3(guesses, 'heron', spellings[n++ % 5])),
    LIMITS.guess.pair,
  )
})

attack(13, 'someone in between tries again and again whether the two codes agree', async t => {
  const atA = guessesInMemory(() => 0)
  t.equal(
    times(LIMITS.attempt.pair + 3, () => showsM3(atA, null)),
    LIMITS.attempt.pair,
    'at side a',
  )
  const atB = guessesInMemory(() => 0)
  const answers = () => {
    const xyz = new Agreeing('XYZ', 'ABC', { password: null, identity, random, guesses: atB })
    xyz.hear(GUESSER.code.m1)
    return xyz.sent.length > 0
  }
  t.equal(times(LIMITS.attempt.pair + 3, answers), LIMITS.attempt.pair, 'at side b')
})

attack(14, 'another key than the one that is known, by one who knows all else', async t => {
  const known = createIdentity(seeded('known'))
  for (const password of [null, 'heron']) {
    const contacts = () => {
      const all = new ContactsInMemory(() => 0)
      for (const id of ['ABC', 'XYZ']) all.pin(id, known.publicKey, 'code')
      return all
    }
    const parts = (who: typeof identity) => ({ password, identity: who, random })
    const abc = new Agreeing('ABC', 'XYZ', { ...parts(known), contacts: contacts() })
    carry(abc, new Agreeing('XYZ', 'ABC', parts(mallory)))
    t.equal(abc.keys, null, 'side a has no keys')
    t.match(abc.failed?.distrust, { name: 'changedKey' })
    t.equal(abc.sent.length, 1, 'and has shown nothing')
    const xyz = new Agreeing('XYZ', 'ABC', { ...parts(known), contacts: contacts() })
    carry(new Agreeing('ABC', 'XYZ', parts(mallory)), xyz)
    t.equal(xyz.keys, null, 'side b has no keys')
    t.match(xyz.failed?.distrust, { name: 'changedKey' })
  }
})

attack(14, 'a call with another key, to take the place of the known one', async t => {
  const contacts = new ContactsInMemory(() => 0)
  contacts.pin('XYZ', identity.publicKey, 'password')
  contacts.pin('xyz', mallory.publicKey, 'password')
  t.same(contacts.find('Xyz')?.key, identity.publicKey, 'the first one stays')
})

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
