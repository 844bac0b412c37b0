/** One's identity key on disk: made at the first run, kept in the platform's configuration folder, readable by nobody else. */
import { join } from 'node:path'
import * as z from 'zod'
import type { Identity } from '../../protocol/identity.js'
import { readOrMake, type SavedKey, savedKeyFields } from '../../protocol/node-secret-key.js'
import { StateFile } from '../../protocol/node-state-file.js'
import { CONFIG_FOLDER } from './config-folder.js'

const CURE = 'Put back a copy, or move it away: then a new identity is made, and others see a new key.'

/** A file that holds an identity. `cure`: what to do when it is damaged. */
export function identityFile(path: string, cure = CURE): StateFile<SavedKey> {
  return new StateFile(path, z.object(savedKeyFields), cure)
}

/** Reads the identity in `folder`, or makes one: all programs that start at once get the same. Throws a StateProblem. */
export function loadIdentity(folder: string = CONFIG_FOLDER): Identity {
  return readOrMake(identityFile(join(folder, 'identity.json')))
}
