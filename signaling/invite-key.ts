/** The key that signs a server's invitations: `invite-key.json` in its state directory, made when it is first needed. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod'
import { fromBase64url, toBase64url } from '../protocol/bytes.js'
import { createIdentity, type Identity, identityFromSecret } from '../protocol/identity.js'
import { StateFile } from '../protocol/node-state-file.js'

/** `secretKey`: Ed25519, 32 bytes, base64url. */
const saved = z.strictObject({
  version: z.literal(1),
  secretKey: z.string().refine(text => fromBase64url(text)?.length === 32),
})

/** Reads it or makes it: all programs that start at once get the same. Throws a StateProblem. */
export function inviteKey(stateDir: string): Identity {
  const file = new StateFile(
    join(stateDir, 'invite-key.json'),
    saved,
    'Put back a copy. Or move it away: then a new one is made, and invitations that nobody has used yet are of no use any more.',
  )
  const { secretKey } = file.read() ?? file.update(now => now ?? savedOf(createIdentity(random)))
  return identityFromSecret(fromBase64url(secretKey)!)
}

function savedOf({ secretKey }: Identity): z.infer<typeof saved> {
  return { version: 1, secretKey: toBase64url(secretKey) }
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length))
}
