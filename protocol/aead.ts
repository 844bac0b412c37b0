/**
 * AES-GCM (NIST SP 800-38D) as a part that is handed in: any implementation gives the same bytes, so each end takes the
 * quickest that it has. The one here is plain TypeScript and runs everywhere.
 */
import { gcm } from '@noble/ciphers/aes.js'

/** Bytes that authenticate what was sealed, at its end. */
export const TAG_BYTES = 16
export const NONCE_BYTES = 12

/**
 * Keeps nothing of a key from one call to the next: a key that its owner overwrites is gone. Results are plain Uint8Arrays of
 * their own.
 */
export interface Aead {
  /**
   * Encrypts, and authenticates `aad` as well: `free` zeros for a header (none unless given), ciphertext, tag. `key` has 16 or
   * 32 bytes (AES-128, AES-256), `nonce` has 12 and never comes twice under one key. Throws a RangeError on other lengths: those
   * are the caller's mistakes.
   */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, free?: number): Uint8Array
  /** The plaintext; null when `sealed` is not authentic, too short, or key or nonce can't be right. Never throws. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null
}

export const nobleAead: Aead = {
  seal(key, nonce, aad, plaintext, free = 0) {
    if (!aeadFits(key, nonce)) throw new RangeError('AES-GCM takes a key of 16 or 32 bytes and a nonce of 12')
    const sealed = new Uint8Array(free + plaintext.length + TAG_BYTES)
    sealed.set(gcm(key, nonce, aad).encrypt(plaintext), free)
    return sealed
  },
  open(key, nonce, aad, sealed) {
    if (!aeadFits(key, nonce) || sealed.length < TAG_BYTES) return null
    try {
      return gcm(key, nonce, aad).decrypt(sealed)
    } catch {
      return null
    }
  },
}

/** Whether key and nonce have lengths that an Aead takes. */
export function aeadFits(key: Uint8Array, nonce: Uint8Array): boolean {
  return (key.length === 16 || key.length === 32) && nonce.length === NONCE_BYTES
}
