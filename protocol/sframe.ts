/**
 * SFrame (RFC 9605): frames that are encrypted and authenticated, whatever carries them. Cipher suites 0x0004
 * (AES_128_GCM_SHA256_128) and 0x0005 (AES_256_GCM_SHA512_128).
 */
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { type Aead, NONCE_BYTES, nobleAead, TAG_BYTES } from './aead.js'
import { concat, utf8 } from './bytes.js'
import { fail, ok, type Result } from './result.js'

export type SframeSuite = 0x0004 | 0x0005

/** A header's numbers end below this. */
const LIMIT = 1n << 64n
/** Up to here numbers are handled as such, which is many times quicker; a call's never grow larger. */
const U32 = 0xffff_ffffn

/** Bytes that authenticate a frame, at its end. */
export const SFRAME_TAG_BYTES = TAG_BYTES

const SUITES = {
  4: { hash: sha256, keyBytes: 16 },
  5: { hash: sha512, keyBytes: 32 },
} as const

/** A frame's header: whose key, and which frame under that key. Both 0 to 2^64 - 1. */
export interface SframeHeader {
  readonly kid: bigint
  readonly counter: bigint
  /** The header's length on the wire, 1 to 17 bytes. */
  readonly size: number
}

/** Writes a header: RFC 9605, section 4.3. Values below 8 sit in the first byte, larger ones follow it, big-endian. */
export function encodeSframeHeader(kid: bigint, counter: bigint): Uint8Array {
  const kidSize = extraSize(kid)
  const counterSize = extraSize(counter)
  const out = new Uint8Array(1 + kidSize + counterSize)
  out[0] = (nibble(kid, kidSize) << 4) | nibble(counter, counterSize)
  writeBigEndian(out, 1, kidSize, kid)
  writeBigEndian(out, 1 + kidSize, counterSize, counter)
  return out
}

/** Reads the header of a frame. Strict: a value that is not in its shortest form is refused. */
export function decodeSframeHeader(frame: Uint8Array): Result<SframeHeader, 'badFrame'> {
  const config = frame[0]
  if (config === undefined) return fail('badFrame', 'An empty frame.')
  const kidSize = config & 128 ? ((config >>> 4) & 7) + 1 : 0
  const counterSize = config & 8 ? (config & 7) + 1 : 0
  const size = 1 + kidSize + counterSize
  if (frame.length < size) return fail('badFrame', 'The frame ends within its header.')
  const kid = kidSize === 0 ? BigInt((config >>> 4) & 7) : readBigEndian(frame, 1, kidSize)
  const counter = counterSize === 0 ? BigInt(config & 7) : readBigEndian(frame, 1 + kidSize, counterSize)
  if (extraSize(kid) !== kidSize || extraSize(counter) !== counterSize)
    return fail('badFrame', 'A number in the header is not in its shortest form.')
  return ok({ kid, counter, size })
}

/** How long the header for these two is, bytes. */
export function sframeHeaderSize(kid: bigint, counter: bigint): number {
  return 1 + extraSize(kid) + extraSize(counter)
}

/** Key and salt of one KID (RFC 9605, section 4.4.2), derived once and used for many frames. */
export class SframeKey {
  readonly kid: bigint
  readonly key: Uint8Array
  readonly salt: Uint8Array
  readonly #aead: Aead

  /** `baseKey`: secret bytes that belong to this KID alone. */
  constructor(suite: SframeSuite, kid: bigint, baseKey: Uint8Array, aead: Aead = nobleAead) {
    this.#aead = aead
    const { hash, keyBytes } = SUITES[suite]
    const secret = extract(hash, baseKey, new Uint8Array(0))
    this.kid = kid
    this.key = expand(hash, secret, label('SFrame 1.0 Secret key ', kid, suite), keyBytes)
    this.salt = expand(hash, secret, label('SFrame 1.0 Secret salt ', kid, suite), NONCE_BYTES)
    secret.fill(0)
  }

  /** Encrypts one frame: header, ciphertext, tag. A counter must never be used twice: that is the caller's to keep. */
  seal(counter: bigint, plaintext: Uint8Array, metadata: Uint8Array): Uint8Array {
    const header = encodeSframeHeader(this.kid, counter)
    const aad = concat(header, metadata)
    const frame = this.#aead.seal(this.key, this.nonce(counter), aad, plaintext, header.length)
    frame.set(header)
    return frame
  }

  /** Decrypts a frame whose header was read and names this KID; null when it is not authentic. */
  open(header: SframeHeader, frame: Uint8Array, metadata: Uint8Array): Uint8Array | null {
    if (header.kid !== this.kid || frame.length < header.size + SFRAME_TAG_BYTES) return null
    const aad = concat(frame.subarray(0, header.size), metadata)
    return this.#aead.open(this.key, this.nonce(header.counter), aad, frame.subarray(header.size))
  }

  /** The nonce of a frame: the salt, its last bytes XORed with the counter (RFC 9605, section 4.4.3). 12 bytes. */
  nonce(counter: bigint): Uint8Array {
    const nonce = new Uint8Array(NONCE_BYTES)
    writeBigEndian(nonce, NONCE_BYTES - 8, 8, counter)
    for (let i = 0; i < NONCE_BYTES; i++) nonce[i]! ^= this.salt[i]!
    return nonce
  }

  /** Overwrites the secrets: nothing opens with them any more. */
  forget(): void {
    this.key.fill(0)
    this.salt.fill(0)
  }
}

function label(text: string, kid: bigint, suite: SframeSuite): Uint8Array {
  const tail = new Uint8Array(10)
  writeBigEndian(tail, 0, 8, kid)
  tail[9] = suite
  return concat(utf8(text), tail)
}

function extraSize(value: bigint): number {
  if (value < 0n || value >= LIMIT) throw new RangeError('an SFrame number is 0 to 2^64 - 1')
  if (value > U32) return 4 + bytesOf(Number(value >> 32n))
  const small = Number(value)
  return small < 8 ? 0 : bytesOf(small)
}

/** Bytes that a u32 other than 0 takes. */
function bytesOf(value: number): number {
  return (39 - Math.clz32(value)) >>> 3
}

function nibble(value: bigint, size: number): number {
  return size === 0 ? Number(value) : 8 | (size - 1)
}

/** Into zeros. */
function writeBigEndian(out: Uint8Array, offset: number, size: number, value: bigint): void {
  let rest = value > U32 ? Number(value & U32) : Number(value)
  for (let i = offset + size - 1; i >= offset && rest > 0; i--, rest >>>= 8) out[i] = rest
  if (value > U32) writeBigEndian(out, offset, size - 4, value >> 32n)
}

function readBigEndian(bytes: Uint8Array, offset: number, size: number): bigint {
  if (size > 4) return (readBigEndian(bytes, offset, size - 4) << 32n) | readBigEndian(bytes, offset + size - 4, 4)
  let value = 0
  for (let i = offset; i < offset + size; i++) value = (value << 8) | bytes[i]!
  return BigInt(value >>> 0)
}
