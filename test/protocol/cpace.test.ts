import t from 'tap'
import { drawShare, generatorOf, generatorString, sessionKey, sharedPoint } from '../../protocol/cpace.js'
import { hex, seeded, unhex } from './seeded.js'
import { CPACE, CPACE_POINTS, CPACE_STRINGS } from './vectors/cpace.js'

const [prs, ci, sid] = [unhex(CPACE.prs), unhex(CPACE.ci), unhex(CPACE.sid)]
const scalar = (littleEndian: string) => BigInt(`0x${hex(unhex(littleEndian).reverse())}`)

t.test('hashes password, channel and session to the published generator', async t => {
  t.equal(hex(generatorString(prs, ci, sid)), CPACE_STRINGS.generatorString)
  t.equal(hex(generatorOf(prs, ci, sid)), CPACE.generator)
})

t.test('leaves out the zeros when the password alone fills the hash block', async t => {
  // lv(DSI) 18 bytes, lv(PRS) 2 + 200, no zeros 1, lv(CI) 25, lv(sid) 17
  t.equal(generatorString(new Uint8Array(200), ci, sid).length, 18 + 202 + 1 + 25 + 17)
})

t.test('makes the published shares, shared point and session key', async t => {
  const draw = (secret: string) => drawShare(unhex(CPACE.generator), () => unhex(secret + '00'.repeat(32)))
  const a = draw(CPACE.secretA)
  const b = draw(CPACE.secretB)
  t.equal(hex(a.point), CPACE.pointA)
  t.equal(hex(b.point), CPACE.pointB)
  const [atA, atB] = [sharedPoint(a.secret, b.point), sharedPoint(b.secret, a.point)]
  t.equal(hex(atA!), CPACE.shared)
  t.equal(hex(atB!), CPACE.shared)
  const transcript = { a: { point: a.point, ad: unhex(CPACE.adA) }, b: { point: b.point, ad: unhex(CPACE.adB) } }
  t.equal(hex(sessionKey(sid, atA!, transcript)), CPACE.isk)
})

t.test('multiplies the published point and refuses the published bad ones', async t => {
  const secret = scalar(CPACE_POINTS.secret)
  t.equal(hex(sharedPoint(secret, unhex(CPACE_POINTS.point))!), CPACE_POINTS.product)
  t.equal(sharedPoint(secret, unhex(CPACE_POINTS.invalid)), null)
  t.equal(sharedPoint(secret, unhex(CPACE_POINTS.identity)), null)
})

t.test('refuses a share of the wrong length', async t => {
  for (const length of [0, 31, 33]) t.equal(sharedPoint(7n, new Uint8Array(length)), null)
})

t.test('draws another share each time, and refuses a broken random source', async t => {
  const random = seeded('cpace')
  const generator = unhex(CPACE.generator)
  t.not(drawShare(generator, random).secret, drawShare(generator, random).secret)
  t.throws(() => drawShare(generator, length => new Uint8Array(length)), /random source/)
})
