/** Node's Ed25519 is held to protocol/identity.ts: it takes nothing that is refused there. */
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import t from 'tap'
import { createIdentity, identityFromSecret, sign, verify } from '../../protocol/identity.js'
import { createNodeIdentity, nodeIdentity, nodeVerify } from '../../protocol/node-ed25519.js'
import { seeded, unhex } from './seeded.js'

const random = seeded('node verify')
const { Point } = ed25519
const P = 2n ** 255n - 19n
const L = Point.Fn.ORDER

/** 32 bytes, little-endian. */
const bytesOf = (n: bigint) => unhex(n.toString(16).padStart(64, '0')).reverse()
const withSign = (bytes: Uint8Array) => {
  const copy = bytes.slice()
  copy[31]! |= 0x80
  return copy
}

t.test('takes what was signed, and nothing that was changed', async t => {
  for (let n = 0; n < 20; n++) {
    const identity = createIdentity(random)
    const message = random(1 + n * 7)
    const signature = sign(identity, message)
    t.ok(nodeVerify(identity.publicKey, message, signature))
    for (const [key, text, signed] of [
      [flipped(identity.publicKey, n), message, signature],
      [identity.publicKey, flipped(message, n), signature],
      [identity.publicKey, message, flipped(signature, n)],
      [identity.publicKey, message, flipped(signature, 63 - n)],
      [createIdentity(random).publicKey, message, signature],
    ] as const)
      t.notOk(nodeVerify(key, text, signed))
  }
})

t.test('refuses keys of small order, in all their spellings, whatever is signed', async t => {
  const spellings = ED25519_TORSION_SUBGROUP.flatMap(hex => {
    const key = unhex(hex)
    const y = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) & (2n ** 255n - 1n)
    const other = y + P < 2n ** 255n ? [bytesOf(y + P)] : []
    return [key, ...other].flatMap(bytes => [bytes, withSign(bytes)])
  })
  t.ok(spellings.length > 16, `${spellings.length} spellings`)
  let wouldPass = 0
  for (const key of spellings)
    for (const r of spellings) {
      // s = 0: the equation R = -kA holds whenever both are of small order and fit.
      const signature = Buffer.concat([r, new Uint8Array(32)])
      for (let n = 0; n < 2; n++) {
        const message = Uint8Array.of(n)
        if (verifyLoosely(key, message, signature)) wouldPass++
        t.notOk(nodeVerify(key, message, signature))
        t.notOk(verify(key, message, signature))
      }
    }
  t.ok(wouldPass > 50, `${wouldPass} of them would pass a loose check`)
})

t.test('refuses a key that is not canonical, and an s of the group order or more', async t => {
  // y = p + 3 is the same point as y = 3, which is on the curve.
  t.doesNotThrow(() => Point.fromBytes(bytesOf(3n)))
  t.notOk(nodeVerify(bytesOf(P + 3n), random(3), random(64)))
  const identity = createIdentity(random)
  const message = random(9)
  const signature = sign(identity, message)
  const s = BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString('hex')}`)
  t.notOk(nodeVerify(identity.publicKey, message, Buffer.concat([signature.slice(0, 32), bytesOf(s + L)])))
})

t.test('takes nothing that the strict check refuses, over keys and signatures with parts of small order', async t => {
  const torsion = ED25519_TORSION_SUBGROUP.map(hex => Point.fromHex(hex))
  let [taken, strict] = [0, 0]
  for (let n = 0; n < 64; n++) {
    const { key, message, signature } = contrived(torsion[n % 8]!, torsion[n >> 3]!, n)
    const here = nodeVerify(key, message, signature)
    const there = verify(key, message, signature)
    if (here) t.ok(there, `${n}: taken by both`)
    taken += Number(here)
    strict += Number(there)
  }
  t.comment(`of 64 contrived signatures OpenSSL takes ${taken}, the strict check ${strict}`)
  t.ok(strict > taken && taken > 0)
})

t.test('gives false, not an error, for bytes of any length and content', async t => {
  for (const [key, signature] of [
    [0, 64],
    [32, 0],
    [32, 63],
    [31, 64],
    [33, 64],
    [32, 65],
  ] as const)
    t.equal(nodeVerify(random(key), random(5), random(signature)), false)
  for (let n = 0; n < 200; n++) t.equal(nodeVerify(random(32), random(5), random(64)), false)
  t.equal(nodeVerify(unhex('ff'.repeat(32)), random(5), unhex('ff'.repeat(64))), false)
})

function flipped(bytes: Uint8Array, n: number): Uint8Array {
  const copy = bytes.slice()
  copy[n % copy.length]! ^= 1 << (n % 8)
  return copy
}

/** As consensus rules do it (ZIP 215): any spelling, any order. */
function verifyLoosely(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return ed25519.verify(signature, message, key, { zip215: true })
}

/** A signature that its maker contrived: small-order parts are added to the key and to R. */
function contrived(inKey: typeof Point.BASE, inR: typeof Point.BASE, n: number) {
  const scalar = BigInt(n + 12_345)
  const key = Point.BASE.multiply(scalar).add(inKey).toBytes()
  const nonce = BigInt(n + 777)
  const r = Point.BASE.multiply(nonce).add(inR).toBytes()
  const message = Uint8Array.of(n)
  const hash = sha512(Buffer.concat([r, key, message]))
  const k = BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`) % L
  const s = (nonce + k * scalar) % L
  return { key, message, signature: Buffer.concat([r, bytesOf(s)]) }
}

t.test('has the same key and makes the same signature as the plain way', async t => {
  for (let n = 0; n < 20; n++) {
    const secret = random(32)
    const [node, plain] = [nodeIdentity(secret), identityFromSecret(secret)]
    t.same(node.publicKey, plain.publicKey)
    const message = random(n * 7)
    t.same(new Uint8Array(sign(node, message)), sign(plain, message))
  }
  const node = createNodeIdentity()
  t.same(identityFromSecret(node.secretKey).publicKey, node.publicKey)
  for (const length of [0, 31, 33]) t.throws(() => nodeIdentity(new Uint8Array(length)), RangeError)
})
