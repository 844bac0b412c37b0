import { sha256 } from '@noble/hashes/sha2.js'
import { base32nopad } from '@scure/base'

/**
 * A public key (32 bytes) for people: SHA-256 of it in base32 (RFC 4648), in 13 groups of four, which can be read aloud:
 * `K7QD-2MPA-...`. All of the hash, so that no other key with the same one can be made.
 */
export function fingerprintOf(publicKey: Uint8Array): string {
  return base32nopad.encode(sha256(publicKey)).match(/.{4}/g)!.join('-')
}
