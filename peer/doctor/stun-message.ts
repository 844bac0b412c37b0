/** A Binding request and the address in its answer (RFC 8489): the asking side. The answering one is signaling/stun.ts. */
const COOKIE = 0x2112a442
const REQUEST = 0x0001
const SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const HEADER_BYTES = 20

export interface MappedAddress {
  readonly address: string
  readonly port: number
}

/** `transaction`: 12 random bytes. */
export function bindingRequest(transaction: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, REQUEST)
  view.setUint32(4, COOKIE)
  bytes.set(transaction.subarray(0, 12), 8)
  return bytes
}

/** The address that the answer to this transaction tells; null for anything else. Never throws. */
export function mappedAddress(answer: Uint8Array, transaction: Uint8Array): MappedAddress | null {
  if (answer.length < HEADER_BYTES) return null
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length)
  if (view.getUint16(0) !== SUCCESS || view.getUint32(4) !== COOKIE) return null
  if (!transaction.every((byte, i) => answer[8 + i] === byte)) return null
  for (let at = HEADER_BYTES; at + 4 <= answer.length; ) {
    const length = view.getUint16(at + 2)
    if (at + 4 + length > answer.length) return null
    if (view.getUint16(at) === XOR_MAPPED_ADDRESS) return unmask(answer.subarray(at + 4, at + 4 + length), answer)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return null
}

/** Address and port were XORed with cookie and transaction, which stand in the header from byte 4 on. */
function unmask(value: Uint8Array, header: Uint8Array): MappedAddress | null {
  const size = { 1: 4, 2: 16 }[value[1] ?? 0]
  if (size === undefined || value.length !== 4 + size) return null
  const port = ((value[2]! << 8) | value[3]!) ^ (COOKIE >>> 16)
  const bytes = value.subarray(4).map((byte, i) => byte ^ header[4 + i]!)
  if (size === 4) return { address: bytes.join('.'), port }
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  return { address: groups.join(':'), port }
}
