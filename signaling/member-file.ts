/** Where members are kept: `members.json` in the state directory. The server and the command `members` both write it. */
import { join } from 'node:path'
import { StateFile } from '../protocol/node-state-file.js'
import { type Members, savedMembers } from './members.js'

export function memberFile(stateDir: string): StateFile<Members> {
  return new StateFile(
    join(stateDir, 'members.json'),
    savedMembers,
    'Put back a copy. Or move it away: then nobody is a member, and used invitations can be used again.',
  )
}
