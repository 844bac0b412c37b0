/** What a server remembers: whose id is whose, and who may come in. */
import type { Limits } from './limits.js'
import { type Logger, silent } from './log.js'
import { NameFile } from './name-file.js'
import { Names } from './names.js'
import { PrivateServer } from './private-server.js'
import type { ServerOptions } from './server-options.js'
import { ServerProblem } from './server-problem.js'
import { withState } from './state-dir.js'

export interface ServerState {
  readonly names: Names
  /** Keeps the names; null: they are forgotten. */
  readonly file: NameFile | null
  /** Null: everybody may come in. */
  readonly guests: PrivateServer | null
}

/** Throws a ServerProblem. The state directory, if there is one, must be locked. */
export function openState(options: ServerOptions, limits: Limits): ServerState {
  const { stateDir, log = silent } = options
  const names = new Names(limits.names, limits.nameDays)
  const guests = openPrivate(options, log)
  const warn = (message: string) => log.warn({}, message)
  const file = stateDir === undefined ? null : withState(() => new NameFile(stateDir, names, warn))
  return { names, file, guests }
}

function openPrivate(options: ServerOptions, log: Logger): PrivateServer | null {
  const { private: invitedOnly, accessFile, stateDir, logIds } = options
  if (accessFile === undefined && !invitedOnly) return null
  if (accessFile === undefined && stateDir === undefined)
    throw new ServerProblem(
      'privateWithoutState',
      'A private server has to remember whom it let in.',
      'Name a directory for that with --state-dir, or a list of keys with --access-file.',
    )
  return new PrivateServer({ accessFile, stateDir, log, logIds })
}
