import { createPublicKey, verify } from 'node:crypto'
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { toBase64url } from '../protocol/bytes.js'
import type { Verify } from '../protocol/identity.js'

/** The y coordinates of all points of small order: the last byte's top bit, the sign of x, is left out. */
const SMALL_ORDER = new Set(ED25519_TORSION_SUBGROUP.map(hex => withoutSign(Buffer.from(hex, 'hex')).toString('hex')))

/**
 * Ed25519 by the OpenSSL that Node carries, ten times faster than in TypeScript: a flood of logins must not hold up the relay. OpenSSL
 * refuses signatures that are not canonical, but takes keys of small order and keys that are not canonical; these are refused here. What
 * it takes, protocol/identity.ts takes as well. The contrary holds for every signature made as RFC 8032 says: OpenSSL checks the
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
