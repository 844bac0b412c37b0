/** Frames on a relay leg, as who sits on the server sees them (protocol/relay-leg.ts). */
import { concat } from '../../../protocol/bytes.js'
import { LEG_HEADER_BYTES } from '../../../protocol/relay-leg.js'
import type { Passing } from './trick.js'

const FRAME = 1

/** The sealed frame that passes; null: it is something else. */
export function sealedIn({ data }: Passing): Uint8Array | null {
  return typeof data !== 'string' && data[0] === FRAME ? data.slice(LEG_HEADER_BYTES) : null
}

/** Another payload behind the header of the one that passes: so the leg has nothing to complain about. */
export function inPlaceOf({ data }: Passing, sealed: Uint8Array): Uint8Array {
  if (typeof data === 'string') throw new TypeError('there is no header in a text')
  return concat(data.slice(0, LEG_HEADER_BYTES), sealed)
}

export function isAcknowledgement({ data }: Passing): boolean {
  return typeof data !== 'string' && data[0] !== FRAME
}
