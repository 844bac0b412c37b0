import t from 'tap'
import { createIdentity, identityFromSecret, sign, verify } from '../../protocol/identity.js'
import { hex, seeded, unhex } from './seeded.js'

t.test('signs as in RFC 8032, section 7.1, test 3', async t => {
  const identity = identityFromSecret(unhex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'))
  t.equal(hex(identity.publicKey), 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025')
  const signature = sign(identity, unhex('af82'))
  t.equal(
    hex(signature),
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
      '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  )
  t.ok(verify(identity.publicKey, unhex('af82'), signature))
  t.notOk(verify(identity.publicKey, unhex('af83'), signature))
})

t.test('makes an identity that its secret key brings back', async t => {
  const identity = createIdentity(seeded('identity'))
  t.strictSame(identityFromSecret(identity.secretKey), identity)
})

t.test('refuses a secret key of the wrong length', async t => {
  t.throws(() => identityFromSecret(new Uint8Array(31)), RangeError)
})

t.test('takes no key of small order, with which one signature fits every message', async t => {
  const neutral = unhex(`01${'00'.repeat(31)}`)
  t.notOk(verify(neutral, unhex('00'), unhex(`01${'00'.repeat(63)}`)))
})

t.test('gives false, not an error, for bytes of any length and content', async t => {
  const random = seeded('garbage')
  for (const [key, signature] of [
    [0, 64],
    [32, 0],
    [32, 63],
    [33, 64],
    [32, 64],
  ] as const)
    t.equal(verify(random(key), random(5), random(signature)), false)
  t.equal(verify(unhex('ff'.repeat(32)), random(5), unhex('ff'.repeat(64))), false)
})
