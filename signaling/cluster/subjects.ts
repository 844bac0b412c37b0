/** Subjects of the bus. An id may hold dots, which have a meaning there: so it is written as base64url. */
import { toBase64url } from '../../protocol/bytes.js'
import { canonicalId } from '../../protocol/id.js'

/** Who is there: each server, each second. */
export const PRESENCE = 'voicechat.servers'

export function mailboxOf(id: string): string {
  return `voicechat.id.${toBase64url(Buffer.from(canonicalId(id)))}`
}

export function serverMailbox(server: string): string {
  return `voicechat.server.${server}`
}

/** Frames for a server. */
export function voiceOf(server: string): string {
  return `voicechat.voice.${server}`
}
