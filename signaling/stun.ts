/**
 * STUN (RFC 8489): answers "which address do you see me at?", without authentication and without a memory. Nothing but
 * a whole Binding request gets an answer, so two servers can't be made to answer each other; and an answer is at most
 * 24 bytes longer than its request, so that a forged source address gains little by it.
 */
import { crc32 } from 'node:zlib'
import { concat } from '../protocol/bytes.js'
import { addressBytes } from './address.js'

/** Where a request came from, as the socket says. */
export interface Source {
  readonly address: string
  readonly port: number
}

/** Longer ones are no Binding requests; every path carries so many bytes in one piece (RFC 8489, section 6.1). */
const MAX_REQUEST_BYTES = 576
const HEADER_BYTES = 20
const FINGERPRINT_BYTES = 8
const COOKIE = 0x2112a442

const REQUEST = 0x0001
const SUCCESS = 0x0101
const ERROR = 0x0111

const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const FINGERPRINT = 0x8028
/** Attributes below this must be understood; those from it up may be ignored (RFC 8489, section 14). */
const OPTIONAL = 0x8000
/**
 * Of those that must be: what RFC 8489 defines itself. It means nothing to a server without authentication: the addresses,
 * USERNAME, MESSAGE-INTEGRITY, ERROR-CODE, UNKNOWN-ATTRIBUTES, REALM, NONCE, MESSAGE-INTEGRITY-SHA256,
 * PASSWORD-ALGORITHM, USERHASH.
 */
const KNOWN = new Set([0x0001, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0020])

/**
 * The answer to a datagram: the address it came from, for a Binding request. One that holds an attribute which must be
 * understood and is not gets error 420 with the attribute's number, so that its sender need not try for 40 s. Null, no
 * answer, for anything else. Never throws, whatever the bytes.
 */
export function answerStun(request: Uint8Array, from: Source): Uint8Array | null {
  if (request.length < HEADER_BYTES || request.length > MAX_REQUEST_BYTES) return null
  const view = new DataView(request.buffer, request.byteOffset, request.length)
  if (view.getUint16(0) !== REQUEST || view.getUint32(4) !== COOKIE) return null
  if (view.getUint16(2) !== request.length - HEADER_BYTES) return null
  const types = attributeTypes(view)
  if (!types) return null
  const fingerprint = types.at(-1) === FINGERPRINT
  if (fingerprint && !fingerprintFits(request, view)) return null
  const transaction = request.subarray(4, HEADER_BYTES)
  const mapped = xorMappedAddress(from, transaction)
  if (!mapped) return null
  const unknown = types.filter(type => type < OPTIONAL && !KNOWN.has(type))
  if (unknown.length > 0) return message(ERROR, transaction, fingerprint, [errorCode(420), unknownAttributes(unknown)])
  return message(SUCCESS, transaction, fingerprint, [mapped])
}

/** The types of all attributes in order; null when they do not fill the message. */
function attributeTypes(view: DataView): number[] | null {
  const types: number[] = []
  let offset = HEADER_BYTES
  while (offset < view.byteLength) {
    if (offset + 4 > view.byteLength) return null
    types.push(view.getUint16(offset))
    offset += 4 + Math.ceil(view.getUint16(offset + 2) / 4) * 4
  }
  return offset === view.byteLength ? types : null
}

/** The CRC-32 of all in front of the attribute (RFC 8489, section 14.7). */
function fingerprintOf(bytes: Uint8Array): number {
  return (crc32(bytes) ^ 0x5354554e) >>> 0
}

function fingerprintFits(request: Uint8Array, view: DataView): boolean {
  const start = request.length - FINGERPRINT_BYTES
  const whole = view.getUint16(start) === FINGERPRINT && view.getUint16(start + 2) === 4
  return whole && view.getUint32(start + 4) === fingerprintOf(request.subarray(0, start))
}

/** `transaction`: the cookie and the transaction id, 16 bytes, as the request has them. */
function message(type: number, transaction: Uint8Array, fingerprint: boolean, attributes: Uint8Array[]): Uint8Array {
  const body = concat(...attributes)
  const length = body.length + (fingerprint ? FINGERPRINT_BYTES : 0)
  const bytes = concat(u16(type, length), transaction, body)
  if (!fingerprint) return bytes
  const value = fingerprintOf(bytes)
  return concat(bytes, u16(FINGERPRINT, 4, value >>> 16, value & 0xffff))
}

/** Address and port XORed with cookie and transaction id, for routers that rewrite addresses (RFC 8489, section 14.2). Null: none to answer. */
function xorMappedAddress({ address, port }: Source, transaction: Uint8Array): Uint8Array | null {
  const bytes = addressBytes(address)
  if (!bytes || !Number.isInteger(port) || port < 1 || port > 65535) return null
  const family = bytes.length === 4 ? 1 : 2
  const head = u16(XOR_MAPPED_ADDRESS, 4 + bytes.length, family, port ^ (COOKIE >>> 16))
  return concat(
    head,
    bytes.map((byte, i) => byte ^ transaction[i]!),
  )
}

/** Without a phrase: it is optional, and no person reads it. */
function errorCode(code: number): Uint8Array {
  return u16(ERROR_CODE, 4, 0, (Math.floor(code / 100) << 8) | (code % 100))
}

function unknownAttributes(types: readonly number[]): Uint8Array {
  const padding = types.length % 2 === 0 ? [] : [0]
  return u16(UNKNOWN_ATTRIBUTES, 2 * types.length, ...types, ...padding)
}

function u16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => [value >>> 8, value & 255]))
}
