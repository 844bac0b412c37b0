/** Ed25519 by the OpenSSL that Node carries: it needs a tenth of the time, and no tables before the first use, which take 60 ms. Node's alone. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { fromBase64url, toBase64url } from './bytes.js'
import type { Identity, Verify } from './identity.js'
import { nodeRandom } from './node-random.js'

/** The y coordinates of all points of small order: the last byte's top bit, the sign of x, is left out. */
const SMALL_ORDER = new Set(ED25519_TORSION_SUBGROUP.map(hex => withoutSign(Buffer.from(hex, 'hex')).toString('hex')))

/**
 * Quick enough that a flood of logins does not hold up the relay. OpenSSL refuses signatures that are not canonical, but takes keys of
 * small order and keys that are not canonical; these are refused here. What it takes, protocol/identity.ts takes as well. The contrary holds for every signature made as RFC 8032 says: OpenSSL checks the
 * equation without the cofactor (section 5.1.7), which tells apart only what was contrived.
 */
export const nodeVerify: Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64 || !isStrict(publicKey)) return false
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) }, format: 'jwk' })
    return verify(null, message, key, signature)
  } catch {
    return false
  }
}

/** RFC 8410, section 7: what precedes the seed in an Ed25519 key as PKCS #8 has it. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The identity of a stored secret key, as `identityFromSecret`. Throws a RangeError unless it is 32 bytes long. */
export function nodeIdentity(secretKey: Uint8Array): Identity {
  if (secretKey.length !== 32) throw new RangeError('a secret key is 32 bytes')
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, secretKey]), format: 'der', type: 'pkcs8' })
  return { secretKey: secretKey.slice(), publicKey: publicKeyOf(key), sign: message => sign(null, message, key) }
}

/** A new one. */
export function createNodeIdentity(): Identity {
  return nodeIdentity(nodeRandom(32))
}

function publicKeyOf(key: KeyObject): Uint8Array {
  return fromBase64url(createPublicKey(key).export({ format: 'jwk' }).x ?? '')!
}

function isStrict(publicKey: Uint8Array): boolean {
  const y = withoutSign(publicKey)
  return isCanonical(y) && !SMALL_ORDER.has(y.toString('hex'))
}

/** Under 2^255 - 19, little-endian: ed ff .. ff 7f. */
function isCanonical(y: Buffer): boolean {
  return y[0]! < 0xed || y[31] !== 0x7f || y.subarray(1, 31).some(byte => byte !== 0xff)
}

function withoutSign(point: Uint8Array): Buffer {
  const y = Buffer.from(point)
  y[31]! &= 0x7f
  return y
}
