/** The key that signs a server's invitations: `invite-key.json` in its state directory, made when it is first needed. */
import { join } from 'node:path'
import * as z from 'zod'
import type { Identity } from '../protocol/identity.js'
import { readOrMake, savedKeyFields } from '../protocol/node-secret-key.js'
import { StateFile } from '../protocol/node-state-file.js'

/** Reads it or makes it: all programs that start at once get the same. Throws a StateProblem. */
export function inviteKey(stateDir: string): Identity {
  return readOrMake(
    new StateFile(
      join(stateDir, 'invite-key.json'),
      z.strictObject(savedKeyFields),
      'Put back a copy. Or move it away: then a new one is made, and invitations that nobody has used yet are of no use any more.',
    ),
  )
}
