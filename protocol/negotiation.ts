/**
 * What two peers say to each other to make a direct connection, sealed, in order (ordered-channel.ts):
 *
 *   kind u8  generation u16  text (UTF-8)
 *
 *   want       01   side b: let us try generation g; side a makes all offers
 *   offer      02   text: the engine's description of its side; likewise
 *   answer     03
 *   candidate  04   text: one address to be tried
 *   end        05   generation g is over here, or was not wanted
 *
 * Big-endian. A generation numbers the attempts of a call; the newer one wins on both sides.
 */
import { utf8 } from './bytes.js'
import { fail, ok, type Result } from './result.js'

export const negotiationKinds = ['want', 'offer', 'answer', 'candidate', 'end'] as const
export type NegotiationKind = (typeof negotiationKinds)[number]

export interface Negotiation {
  readonly kind: NegotiationKind
  readonly generation: number
  /** Empty for `want` and `end`. */
  readonly text: string
}

const HEADER_BYTES = 3
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function encodeNegotiation({ kind, generation, text }: Negotiation): Uint8Array {
  const bytes = utf8(text)
  const out = new Uint8Array(HEADER_BYTES + bytes.length)
  out.set([negotiationKinds.indexOf(kind) + 1, generation >>> 8, generation & 255])
  out.set(bytes, HEADER_BYTES)
  return out
}

export function decodeNegotiation(bytes: Uint8Array): Result<Negotiation, 'badNegotiation'> {
  const kind = negotiationKinds[(bytes[0] ?? 0) - 1]
  if (!kind || bytes.length < HEADER_BYTES) return fail('badNegotiation', 'Not a message of this negotiation.')
  const generation = (bytes[1]! << 8) | bytes[2]!
  let text: string
  try {
    text = decoder.decode(bytes.subarray(HEADER_BYTES))
  } catch {
    return fail('badNegotiation', 'The text is not UTF-8.')
  }
  if ((kind === 'want' || kind === 'end') !== (text === ''))
    return fail('badNegotiation', `The text of ${kind} is wrong.`)
  return ok({ kind, generation, text })
}

/** Whether generation `a` comes after `b`, both modulo 2^16 (RFC 1982, section 3.2). */
export function isNewer(a: number, b: number): boolean {
  const ahead = (a - b) & 0xffff
  return ahead > 0 && ahead < 0x8000
}
