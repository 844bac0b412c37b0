/**
 * CPace: two sides that share a password agree on a key; who does not know it learns nothing and can test one guess
 * a run. draft-irtf-cfrg-cpace-21, cipher suite CPACE-RISTR255-SHA512, initiator-responder setting (section 7.3 for the group).
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat } from './bytes.js'
import { lv } from './length-value.js'
import type { Random } from './random.js'

const { Point } = ristretto255
const DSI = 'CPaceRistretto255'

/** SHA-512 takes 128 bytes a block: the password fills the first one, together with zeros. */
const HASH_BLOCK_BYTES = 128

/** One side's secret and what it shows the other. Good for one run. */
export interface Share {
  readonly secret: bigint
  /** The encoded point, 32 bytes: Ya or Yb. */
  readonly point: Uint8Array
}

/** `generator_string` of the draft: what is hashed to the group. Public for the vectors. */
export function generatorString(prs: Uint8Array, ci: Uint8Array, sid: Uint8Array): Uint8Array {
  const zeros = Math.max(0, HASH_BLOCK_BYTES - 1 - lv(prs).length - lv(DSI).length)
  return lv(DSI, prs, new Uint8Array(zeros), ci, sid)
}

/** The group element that password, channel and session lead to; encoded, 32 bytes. */
export function generatorOf(prs: Uint8Array, ci: Uint8Array, sid: Uint8Array): Uint8Array {
  return ristretto255_hasher.deriveToCurve!(sha512(generatorString(prs, ci, sid))).toBytes()
}

/** Draws a fresh share for a generator. Takes 64 random bytes, so that the scalar has no bias that could be measured. */
export function drawShare(generator: Uint8Array, random: Random): Share {
  const secret = Point.Fn.create(littleEndian(random(64)))
  if (secret === 0n) throw new Error('the random source gives zeros')
  return { secret, point: Point.fromBytes(generator).multiply(secret).toBytes() }
}

/**
 * `scalar_mult_vfy`: the shared point K, 32 bytes; null when the other side's share is no point or leads to the identity, and
 * then the run must be given up.
 */
export function sharedPoint(secret: bigint, peerPoint: Uint8Array): Uint8Array | null {
  try {
    const shared = Point.fromBytes(peerPoint).multiply(secret)
    return shared.is0() ? null : shared.toBytes()
  } catch {
    return null
  }
}

/** What the two sides showed each other; a is the initiator. `ad`: the associated data sent along with each share. */
export interface Transcript {
  readonly a: { readonly point: Uint8Array; readonly ad: Uint8Array }
  readonly b: { readonly point: Uint8Array; readonly ad: Uint8Array }
}

/** The intermediate session key, 64 bytes: ISK with `transcript_ir`. */
export function sessionKey(sid: Uint8Array, shared: Uint8Array, { a, b }: Transcript): Uint8Array {
  return sha512(concat(lv(`${DSI}_ISK`, sid, shared), lv(a.point, a.ad), lv(b.point, b.ad)))
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}
