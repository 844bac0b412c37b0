/** The form of an invitation (invitation.ts): what can be read without any key, and without loading what checks signatures. */
import { fromBase64url } from './bytes.js'
import { ID_PATTERN } from './id.js'
import { readLv } from './length-value.js'

export interface Invitation {
  /** Tells it from all others of this server: 8 random bytes. */
  readonly serial: Uint8Array
  /** From then on it is of no use: epoch seconds, below 2^32. */
  readonly ends: number
  /** The only id that it lets in, as typed; null: any that is free. */
  readonly id: string | null
}

/** The longest token, characters: that of an id of 32. */
export const MAX_INVITATION_CHARS = 158

export const VERSION = 1
export const SERIAL_BYTES = 8
export const TAG_BYTES = 4
const SIGNATURE_BYTES = 64

/** Whether a text has the form of an invitation: what can be told without the server's key. */
export function isInvitation(token: string): boolean {
  return readToken(token) !== null
}

/** Its parts, signed by whomever; null: it has another form. */
export function readToken(token: string) {
  const bytes = token.length <= MAX_INVITATION_CHARS ? fromBase64url(token) : null
  if (!bytes || bytes.length <= SIGNATURE_BYTES) return null
  const body = bytes.subarray(0, -SIGNATURE_BYTES)
  const fields = readLv(body, 5)
  if (!fields.ok) return null
  const [version, tag, serial, end, idBytes] = fields.value
  if (version?.length !== 1 || version[0] !== VERSION || !idBytes) return null
  if (tag?.length !== TAG_BYTES || serial?.length !== SERIAL_BYTES || end?.length !== 4) return null
  const id = String.fromCharCode(...idBytes)
  if (id !== '' && !ID_PATTERN.test(id)) return null
  const ends = new DataView(end.buffer, end.byteOffset).getUint32(0)
  const invitation: Invitation = { serial, ends, id: id === '' ? null : id }
  return { tag, body, signature: bytes.subarray(-SIGNATURE_BYTES), invitation }
}
