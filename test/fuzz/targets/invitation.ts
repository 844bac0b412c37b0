/** Invitations to a private server: what is not signed by it, byte for byte, lets nobody in. */
import { fromBase64url, toBase64url } from '../../../protocol/bytes.js'
import { createIdentity } from '../../../protocol/identity.js'
import {
  encodeInvitation,
  type Invitation,
  isInvitation,
  MAX_INVITATION_CHARS,
  openInvitation,
} from '../../../protocol/invitation.js'
import { seeded } from '../../protocol/seeded.js'
import { holds, type Target } from '../target.js'

const [server, other] = ['server', 'other'].map(name => createIdentity(seeded(name)))
const invitations: readonly Invitation[] = [null, 'Anna', 'x'.repeat(32)].map((id, i) => ({
  serial: new Uint8Array(8).fill(i),
  ends: 0xffffffff,
  id,
}))
const genuine = invitations.map(invitation => encodeInvitation(server!, invitation))

export const target: Target = {
  files: ['protocol/invitation.js', 'protocol/invitation-token.js'],
  maxBytes: 180,
  batch: 64,
  // As bytes: that they have one text is what another target is about.
  samples: [...genuine, encodeInvitation(other!, invitations[0]!)].map(token => fromBase64url(token)!),
  run(input) {
    const token = toBase64url(input)
    const opened = openInvitation(server!.publicKey, token)
    holds(opened.ok === genuine.includes(token), 'what was signed is an invitation, and nothing else')
    holds(!opened.ok || isInvitation(token), 'what opens has the form')
    holds(!isInvitation(token) || token.length <= MAX_INVITATION_CHARS, 'is no longer than the longest')
    if (!opened.ok) return `${opened.error.name} ${isInvitation(token)}`
    holds(encodeInvitation(server!, opened.value) === token, 'writes what it read as it was')
    return opened.value.id ?? 'any'
  },
}
