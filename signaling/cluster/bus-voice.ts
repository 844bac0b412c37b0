/**
 * A frame of voice between two servers: of a session whose socket is not at the owner of its call.
 *
 *   towards u8  length u8  id (canonical, ASCII)  relay leg's message, whole
 *
 * towards: 0 from the id's socket to the owner, 1 from the owner to the id's socket.
 */

export type Towards = 'owner' | 'socket'

export interface BusVoice {
  readonly towards: Towards
  /** Canonical. */
  readonly id: string
  /** May be overwritten. */
  readonly frame: Uint8Array
}

export function encodeBusVoice({ towards, id, frame }: BusVoice): Uint8Array {
  const bytes = new Uint8Array(2 + id.length + frame.length)
  bytes[0] = towards === 'owner' ? 0 : 1
  bytes[1] = id.length
  for (let n = 0; n < id.length; n++) bytes[2 + n] = id.charCodeAt(n)
  bytes.set(frame, 2 + id.length)
  return bytes
}

/** Null: not such a message. */
export function parseBusVoice(bytes: Uint8Array): BusVoice | null {
  const length = bytes[1] ?? 0
  const towards = bytes[0] === 0 ? 'owner' : bytes[0] === 1 ? 'socket' : null
  if (towards === null || length === 0 || bytes.length <= 2 + length) return null
  const id = String.fromCharCode(...bytes.subarray(2, 2 + length))
  // A copy: a leg writes its own number into the frame, and the bus may have handed the same bytes to others.
  return { towards, id, frame: bytes.slice(2 + length) }
}
