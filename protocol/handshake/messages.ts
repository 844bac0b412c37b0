/**
 * The four flights of the handshake as bytes.
 *
 *   M1 a->b  lv("h1", version, mode, suite, callId, idA, idB, commit)
 *   M2 b->a  lv("h2", callId, mode, Yb, ADb)        ADb = lv("b", nonceB, identityB, SHA-512(M1))
 *   M3 a->b  lv(M3c, tagA, boxA)                    M3c = lv("h3", callId, Ya, ADa), ADa = lv("a", nonceA, identityA)
 *   M4 b->a  lv("h4", callId, tagB, boxB)
 */
import { readLv } from '../length-value.js'
import { fail, ok, type Result } from '../result.js'

/** Version of the handshake, and the SFrame cipher suite that it agrees on. */
export const HANDSHAKE_VERSION = 1
export const SUITE = Uint8Array.of(0x00, 0x05)

/** With a shared password, or with a code that both people compare. */
export type Mode = 'code' | 'password'

export interface M1 {
  readonly mode: Mode
  readonly callId: Uint8Array
  readonly idA: Uint8Array
  readonly idB: Uint8Array
  readonly commit: Uint8Array
}
export interface M2 {
  readonly mode: Mode
  readonly callId: Uint8Array
  readonly point: Uint8Array
  readonly ad: Uint8Array
  readonly identity: Uint8Array
  readonly hashOfM1: Uint8Array
}
export interface M3 {
  /** M3c: the part that the transcript hash covers. */
  readonly core: Uint8Array
  readonly callId: Uint8Array
  readonly point: Uint8Array
  readonly ad: Uint8Array
  readonly identity: Uint8Array
  readonly tag: Uint8Array
  readonly box: Uint8Array
}
export interface M4 {
  readonly callId: Uint8Array
  readonly tag: Uint8Array
  readonly box: Uint8Array
}

type Parsed<T> = Result<T, 'badMessage' | 'wrongVersion'>

export const MODE_BYTE: Readonly<Record<Mode, Uint8Array>> = { code: Uint8Array.of(0), password: Uint8Array.of(1) }

const CALL_ID = 16
const HASH_256 = 32
const HASH_512 = 64
const POINT = 32
const KEY = 32
const NONCE = 32
const TAG = 32
const BOX = 64 + 16
/** Far above the largest flight (237 bytes with the shortest ids, 299 with the longest). */
const MAX_BYTES = 1024

export function parseM1(bytes: Uint8Array): Parsed<M1> {
  const fields = fieldsOf(bytes, 'h1', 16)
  if (!fields) return bad()
  const [, version, mode, suite, callId, idA, idB, commit] = fields
  // The version comes first, so that a later one may have other fields.
  if (version?.length !== 1) return bad()
  if (version[0] !== HANDSHAKE_VERSION) return wrongVersion()
  if (suite?.length !== SUITE.length) return bad()
  if (!suite.every((byte, i) => byte === SUITE[i])) return wrongVersion()
  const knownMode = modeOf(mode)
  if (fields.length !== 8 || !knownMode || callId?.length !== CALL_ID || commit?.length !== HASH_256) return bad()
  return ok({ mode: knownMode, callId, idA: idA!, idB: idB!, commit })
}

export function parseM2(bytes: Uint8Array): Parsed<M2> {
  const fields = fieldsOf(bytes, 'h2', 5)
  const adFields = fields?.[4] && fieldsOf(fields[4], 'b', 4)
  if (fields?.length !== 5 || adFields?.length !== 4) return bad()
  const [, callId, modeByte, point, ad] = fields
  const [, nonce, identity, hashOfM1] = adFields
  const mode = modeOf(modeByte)
  if (!mode || callId!.length !== CALL_ID || point!.length !== POINT) return bad()
  if (nonce!.length !== NONCE || identity!.length !== KEY || hashOfM1!.length !== HASH_512) return bad()
  return ok({ mode, callId: callId!, point: point!, ad: ad!, identity: identity!, hashOfM1: hashOfM1! })
}

export function parseM3(bytes: Uint8Array): Parsed<M3> {
  const outer = bytes.length > MAX_BYTES ? null : readLv(bytes, 3)
  if (!outer?.ok || outer.value.length !== 3) return bad()
  const [core, tag, box] = outer.value
  const fields = fieldsOf(core!, 'h3', 4)
  const adFields = fields?.[3] && fieldsOf(fields[3], 'a', 3)
  if (fields?.length !== 4 || adFields?.length !== 3) return bad()
  const [, callId, point, ad] = fields
  const [, nonce, identity] = adFields
  if (callId!.length !== CALL_ID || point!.length !== POINT) return bad()
  if (nonce!.length !== NONCE || identity!.length !== KEY) return bad()
  if (tag!.length !== TAG || box!.length !== BOX) return bad()
  return ok({ core: core!, callId: callId!, point: point!, ad: ad!, identity: identity!, tag: tag!, box: box! })
}

export function parseM4(bytes: Uint8Array): Parsed<M4> {
  const fields = fieldsOf(bytes, 'h4', 4)
  if (fields?.length !== 4) return bad()
  const [, callId, tag, box] = fields
  if (callId!.length !== CALL_ID || tag!.length !== TAG || box!.length !== BOX) return bad()
  return ok({ callId: callId!, tag: tag!, box: box! })
}

/** The fields, when they are well-formed and the first one is `name`. */
function fieldsOf(bytes: Uint8Array, name: string, maxFields: number): Uint8Array[] | null {
  const fields = bytes.length > MAX_BYTES ? null : readLv(bytes, maxFields)
  const first = fields?.ok && fields.value[0]
  return first && String.fromCharCode(...first) === name ? fields.value : null
}

function modeOf(field: Uint8Array | undefined): Mode | null {
  if (field?.length !== 1) return null
  return field[0] === 0 ? 'code' : field[0] === 1 ? 'password' : null
}

function bad() {
  return fail('badMessage', 'Not the message of the key agreement that was due here.')
}

function wrongVersion() {
  return fail(
    'wrongVersion',
    'The other side speaks another version of the key agreement: both need the same program version.',
  )
}
