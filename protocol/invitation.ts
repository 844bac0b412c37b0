/**
 * Invitations to a private server: signed by a key of the server, good for one person until a moment, maybe for one id
 * only. Whoever has one can read it and use it; nobody can change it.
 *
 *   token = base64url(body || Ed25519 signature of lv("evc/1 invitation", body))
 *   body  = lv(01, server, serial, ends, id)
 *
 * server: the first 4 bytes of SHA-256(the server's public key); serial: 8 random bytes; ends: seconds since 1970, u32; id: as
 * it was typed, or empty for any.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equalBytes, toBase64url } from './bytes.js'
import { type Identity, sign, verify } from './identity.js'
import { type Invitation, readToken, SERIAL_BYTES, TAG_BYTES, VERSION } from './invitation-token.js'
import { lv } from './length-value.js'
import { fail, ok, type Result } from './result.js'

export { type Invitation, isInvitation, MAX_INVITATION_CHARS } from './invitation-token.js'

/** `badInvitation`: no invitation, one that was cut off, or a forged one. `otherServer`: one that another server signed. */
export type InvitationProblem = 'badInvitation' | 'otherServer'

/** The token of an invitation to the server that `server` is the key of. Throws a RangeError for what it can't hold. */
export function encodeInvitation(server: Identity, { serial, ends, id }: Invitation): string {
  if (serial.length !== SERIAL_BYTES) throw new RangeError('a serial is 8 bytes')
  if (!Number.isInteger(ends) || ends < 0 || ends > 0xffffffff) throw new RangeError('an end is below 2^32 seconds')
  const endBytes = new Uint8Array(4)
  new DataView(endBytes.buffer).setUint32(0, ends)
  const body = lv(Uint8Array.of(VERSION), tagOf(server.publicKey), serial, endBytes, id ?? '')
  return toBase64url(concat(body, sign(server, signed(body))))
}

/** Reads a token and checks that the holder of `publicKey` signed it; not whether it has ended. Never throws. */
export function openInvitation(publicKey: Uint8Array, token: string): Result<Invitation, InvitationProblem> {
  const parsed = readToken(token)
  if (!parsed) return fail('badInvitation', 'That is no whole invitation.')
  const { tag, body, signature, invitation } = parsed
  if (!equalBytes(tag, tagOf(publicKey))) return fail('otherServer', 'That invitation is for another server.')
  if (!verify(publicKey, signed(body), signature)) return fail('badInvitation', 'That invitation is not genuine.')
  return ok(invitation)
}

function tagOf(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).subarray(0, TAG_BYTES)
}

/** The label keeps a signature of one thing from being taken for that of another. */
function signed(body: Uint8Array): Uint8Array {
  return lv('evc/1 invitation', body)
}
