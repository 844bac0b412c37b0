/** A secret key on disk: an identity as JSON, in a file of state. Node's alone. */
import * as z from 'zod'
import { fromBase64url, toBase64url } from './bytes.js'
import type { Identity } from './identity.js'
import { createNodeIdentity, nodeIdentity } from './node-ed25519.js'
import type { StateFile } from './node-state-file.js'

/** `secretKey`: Ed25519, 32 bytes, base64url. */
export const savedKeyFields = {
  version: z.literal(1),
  secretKey: z.string().refine(text => fromBase64url(text)?.length === 32),
}

export interface SavedKey {
  version: 1
  secretKey: string
}

export function savedOf({ secretKey }: Identity): SavedKey {
  return { version: 1, secretKey: toBase64url(secretKey) }
}

/** `saved`: as the fields above hold it. */
export function identityOf({ secretKey }: SavedKey): Identity {
  return nodeIdentity(fromBase64url(secretKey) ?? new Uint8Array())
}

/** Reads the identity in `file`, or makes one: all programs that start at once get the same. Throws a StateProblem. */
export function readOrMake(file: StateFile<SavedKey>): Identity {
  return identityOf(file.read() ?? file.update(now => now ?? savedOf(createNodeIdentity())))
}
