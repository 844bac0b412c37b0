/** What a datagram of the simulated network carries, and about how long it is. */
import type { Endpoint } from './nat.js'
import type { Flight } from './virtual-handshake.js'

/** `from` and `to` name two connections, as the user fragments of ICE and the keys of DTLS do. */
export type Content =
  /** STUN: which endpoint do you see me at? */
  | { readonly kind: 'whoAmI'; readonly transaction: number }
  | { readonly kind: 'youAre'; readonly transaction: number; readonly endpoint: Endpoint }
  /** ICE: do you hear me there, and its answer. */
  | { readonly kind: 'check' | 'checked'; readonly from: string; readonly to: string }
  /** DTLS's handshake. */
  | { readonly kind: 'flight'; readonly from: string; readonly to: string; readonly number: Flight }
  /** A message, numbered by its sender. */
  | {
      readonly kind: 'data'
      readonly from: string
      readonly to: string
      readonly number: number
      readonly bytes: Uint8Array
    }
  /** SCTP's report of lost messages. */
  | { readonly kind: 'missing'; readonly from: string; readonly to: string }

/** IP and UDP. */
const DATAGRAM_BYTES = 28
/** What is around a sealed frame on the direct route, and the report that it causes, each as a datagram, bytes: DTLS, SCTP and its SACK; or SRTP. */
const LANES = { sctp: { overhead: 93, report: 93 }, srtp: { overhead: 50, report: 0 } }
/** What the direct route is made of. */
export const LANE = LANES.srtp
const FLIGHT_BYTES = [0, 200, 1200, 600, 100]

export function bytesOf(content: Content): number {
  switch (content.kind) {
    case 'data':
      return LANE.overhead + content.bytes.length
    case 'flight':
      return DATAGRAM_BYTES + FLIGHT_BYTES[content.number]!
    default:
      return DATAGRAM_BYTES + 90
  }
}

/** A datagram in one line, without a message's bytes. */
export function contentWords(content: Content): string {
  const { bytes: _, ...rest } = { bytes: null, ...content }
  return Object.values(rest).join(' ')
}
