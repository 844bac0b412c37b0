/**
 * From the CPace key to everything that a call needs. The transcript hash covers each byte that either side sent, as it was
 * received, so a change on the way shows in every key.
 *
 *   TH  = SHA512(lv("evc/1 th", M1, M2, M3c))
 *   PRK = HKDF-Extract-SHA512(salt = TH, ikm = ISK)
 *   k(label, n = 32) = HKDF-Expand-SHA512(PRK, "evc/1 " + label, n)
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { base32nopad } from '@scure/base'
import { concat, utf8 } from '../bytes.js'
import { type Identity, sign, type Verify } from '../identity.js'
import { lv } from '../length-value.js'
import type { Mode } from './messages.js'

export type Side = 'a' | 'b'

/** What two sides share after the handshake. */
export interface CallKeys {
  readonly mode: Mode
  /** Six characters A-Z 2-7, the same on both sides: what people read to each other. */
  readonly code: string
  /** The other side's Ed25519 public key, 32 bytes; it proved that it holds the secret one. */
  readonly peerIdentity: Uint8Array
  readonly callId: Uint8Array
  readonly side: Side
  /** Where the keys of sealed frames begin, 64 bytes each. */
  readonly chains: { readonly media: ChainPair; readonly control: ChainPair }
}
export interface ChainPair {
  readonly send: Uint8Array
  readonly receive: Uint8Array
}

/** What the commitment in M1 holds back until M3. */
export function commitmentTo(callId: Uint8Array, point: Uint8Array, ad: Uint8Array): Uint8Array {
  return sha256(lv('evc/1 commit', callId, point, ad))
}

/** SHA-512, as M2 carries it of M1. */
export function hashOf(message: Uint8Array): Uint8Array {
  return sha512(message)
}

/** The secrets of one finished exchange of shares; confirms the sides to each other, then gives the call its keys. */
export class KeySchedule {
  readonly #transcript: Uint8Array
  readonly #prk: Uint8Array

  /** `isk`: the CPace session key, overwritten in here. The messages as they were sent or received. */
  constructor(isk: Uint8Array, m1: Uint8Array, m2: Uint8Array, m3c: Uint8Array) {
    this.#transcript = sha512(lv('evc/1 th', m1, m2, m3c))
    this.#prk = extract(sha512, isk, this.#transcript)
    isk.fill(0)
  }

  /** tagA = HMAC-SHA256(k("mac a"), TH): side a knows the key. 32 bytes. */
  tagA(): Uint8Array {
    return hmac(sha256, this.#key('mac a'), this.#transcript)
  }

  /** tagB = HMAC-SHA256(k("mac b"), TH || tagA): side b knows it too, and saw tagA. 32 bytes. */
  tagB(): Uint8Array {
    return hmac(sha256, this.#key('mac b'), concat(this.#transcript, this.tagA()))
  }

  /** The signature of an identity over the transcript, encrypted, so that nobody else learns whose it is. 80 bytes. */
  sealIdentity(side: Side, identity: Identity): Uint8Array {
    return this.#box(side).encrypt(sign(identity, this.#signed(side)))
  }

  /** Whether `box` holds the signature of that identity by that side. */
  opensIdentity(side: Side, publicKey: Uint8Array, box: Uint8Array, verify: Verify): boolean {
    try {
      return verify(publicKey, this.#signed(side), this.#box(side).decrypt(box))
    } catch {
      return false
    }
  }

  /** The call's keys, seen from `side`. Overwrites the secrets they come from: the last call on this object. */
  finish(side: Side, mode: Mode, callId: Uint8Array, peerIdentity: Uint8Array): CallKeys {
    const pair = (stream: 'media' | 'control') => {
      const a2b = this.#key(`${stream} a2b`, 64)
      const b2a = this.#key(`${stream} b2a`, 64)
      return side === 'a' ? { send: a2b, receive: b2a } : { send: b2a, receive: a2b }
    }
    // The top 30 bits of the 8 bytes are the first six characters of 5 bits.
    const code = base32nopad.encode(this.#key('sas', 8)).slice(0, 6)
    const chains = { media: pair('media'), control: pair('control') }
    this.forget()
    return { mode, code, peerIdentity: peerIdentity.slice(), callId: callId.slice(), side, chains }
  }

  forget(): void {
    this.#prk.fill(0)
  }

  #key(label: string, bytes = 32): Uint8Array {
    return expand(sha512, this.#prk, utf8(`evc/1 ${label}`), bytes)
  }

  /** Each key encrypts one message only, so the nonce may be zero. */
  #box(side: Side) {
    return chacha20poly1305(this.#key(side === 'a' ? 'hs a2b' : 'hs b2a'), new Uint8Array(12), this.#transcript)
  }

  #signed(side: Side): Uint8Array {
    return lv(`evc/1 sig ${side}`, this.#transcript)
  }
}
