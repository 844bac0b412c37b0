/** The messages of the key agreement, as who sits on the server sees them. */
import { fromBase64url, toBase64url } from '../../../protocol/bytes.js'
import { readLv } from '../../../protocol/length-value.js'
import type { Passing } from './trick.js'

export interface Flight {
  readonly number: 1 | 2 | 3 | 4
  readonly bytes: Uint8Array
  readonly fields: Uint8Array[]
}

/** The flight that passes; null: it is something else. */
export function flightIn({ message }: Passing): Flight | null {
  if (message?.type !== 'pass') return null
  const bytes = fromBase64url(message.data)
  const read = bytes && readLv(bytes, 16)
  if (!bytes || !read?.ok) return null
  const fields = read.value
  // M3 has its name one field deeper.
  const number = fields.length === 3 ? 3 : fields.length === 8 ? 1 : fields.length === 5 ? 2 : 4
  return { number, bytes, fields }
}

/** The message that passes, with another flight in it. */
export function carrying({ message }: Passing, flight: Uint8Array): string {
  return JSON.stringify({ ...message, data: toBase64url(flight) })
}
