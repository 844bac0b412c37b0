import { ed25519 } from '@noble/curves/ed25519.js'
import type { Random } from './random.js'

/** A peer's long-lived Ed25519 key pair (RFC 8032). The secret key is the 32-byte seed. */
export interface Identity {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
  /** Another way to the same 64 bytes that `sign` would make. */
  readonly sign?: (message: Uint8Array) => Uint8Array
}

/** Makes a new identity from 32 random bytes. */
export function createIdentity(random: Random): Identity {
  return identityFromSecret(random(32))
}

/** The identity of a stored secret key. Throws a RangeError unless it is 32 bytes long. */
export function identityFromSecret(secretKey: Uint8Array): Identity {
  if (secretKey.length !== 32) throw new RangeError('a secret key is 32 bytes')
  return { secretKey: secretKey.slice(), publicKey: ed25519.getPublicKey(secretKey) }
}

/** Signs `message` (RFC 8032, Ed25519); 64 bytes. */
export function sign(identity: Identity, message: Uint8Array): Uint8Array {
  return identity.sign?.(message) ?? ed25519.sign(message, identity.secretKey)
}

/**
 * Checks a signature, strictly: canonical encodings only, no key of small order. Never throws, whatever the bytes. May be handed in
 * where many are checked.
 */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** In plain TypeScript, which runs everywhere. */
export const verify: Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}
