/**
 * lv(...): fields of bytes, each with its length in front, as CPace writes them (draft-irtf-cfrg-cpace-21, `lv_cat`).
 * The length is an unsigned LEB128 number. What is hashed, signed or sent in the handshake is written this way, so that no two
 * different lists of fields have the same bytes.
 */
import { utf8 } from './bytes.js'
import { fail, ok, type Result } from './result.js'

/** Writes the fields; texts as UTF-8. */
export function lv(...fields: readonly (Uint8Array | string)[]): Uint8Array {
  const values = fields.map(field => (typeof field === 'string' ? utf8(field) : field))
  const out = new Uint8Array(values.reduce((size, value) => size + lengthSize(value.length) + value.length, 0))
  let offset = 0
  for (const value of values) {
    let length = value.length
    for (; length > 127; length >>>= 7) out[offset++] = 128 | (length & 127)
    out[offset++] = length
    out.set(value, offset)
    offset += value.length
  }
  return out
}

/**
 * Reads all fields of `bytes`, as views into it. Strict: nothing cut off, nothing left over, lengths in their shortest form
 * and below 2^21, at most `maxFields` fields.
 */
export function readLv(bytes: Uint8Array, maxFields: number): Result<Uint8Array[], 'badFields'> {
  const fields: Uint8Array[] = []
  let offset = 0
  while (offset < bytes.length) {
    if (fields.length === maxFields) return fail('badFields', `More than ${maxFields} fields.`)
    let length = 0
    let shift = 0
    let byte: number | undefined
    do {
      byte = bytes[offset++]
      if (byte === undefined || shift > 14) return fail('badFields', 'A length is cut off or too large.')
      length |= (byte & 127) << shift
      shift += 7
    } while (byte > 127)
    if (byte === 0 && shift > 7) return fail('badFields', 'A length is not in its shortest form.')
    if (length > bytes.length - offset) return fail('badFields', 'A field is cut off.')
    fields.push(bytes.subarray(offset, offset + length))
    offset += length
  }
  return ok(fields)
}

function lengthSize(length: number): number {
  let size = 1
  for (let rest = length; rest > 127; rest >>>= 7) size++
  return size
}
