/** One's identity key on disk: made at the first run, kept in the platform's configuration folder, readable by nobody else. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod'
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import { createIdentity, type Identity, identityFromSecret } from '../../protocol/identity.js'
import { StateFile } from '../../protocol/node-state-file.js'
import { CONFIG_FOLDER } from './config-folder.js'

/** `secretKey`: 32 bytes, base64url. */
const saved = z.object({
  version: z.literal(1),
  secretKey: z.string().refine(text => fromBase64url(text)?.length === 32),
})

export type SavedIdentity = z.infer<typeof saved>

const CURE = 'Put back a copy, or move it away: then a new identity is made, and others see a new key.'

/** A file that holds an identity. `cure`: what to do when it is damaged. */
export function identityFile(path: string, cure = CURE): StateFile<SavedIdentity> {
  return new StateFile(path, saved, cure)
}

/** Reads the identity in `folder`, or makes one: all programs that start at once get the same. Throws a StateProblem. */
export function loadIdentity(folder: string = CONFIG_FOLDER): Identity {
  const file = identityFile(join(folder, 'identity.json'))
  return identityOf(file.read() ?? file.update(now => now ?? savedOf(createIdentity(randomBytes))))
}

export function savedOf({ secretKey }: Identity): SavedIdentity {
  return { version: 1, secretKey: toBase64url(secretKey) }
}

export function identityOf({ secretKey }: SavedIdentity): Identity {
  return identityFromSecret(fromBase64url(secretKey) ?? new Uint8Array())
}
