/** The state directory of a server: one server's at a time, for as long as it runs. */
import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, holdFileLock, LockHeld } from '../protocol/node-file-lock.js'
import { fileReason } from '../protocol/node-file-reason.js'
import { StateProblem } from '../protocol/node-state-problem.js'
import { ServerProblem } from './server-problem.js'

/** Makes the directory if need be, and takes it. Rejects with a ServerProblem, `badStateDir` or `stateDirInUse`. */
export async function lockStateDir(directory: string): Promise<FileLock> {
  const path = join(directory, 'server.lock')
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return await holdFileLock(path)
  } catch (error) {
    if (error instanceof LockHeld)
      throw new ServerProblem(
        'stateDirInUse',
        `The state directory ${directory} is in use by another server${error.pid === null ? '' : ` (process ${error.pid})`}.`,
        `End that one, or give each a --state-dir of its own. If none runs, remove ${path}.`,
      )
    throw new ServerProblem(
      'badStateDir',
      `The state directory ${directory} can't be used: ${fileReason(error)}.`,
      'Name a directory that this user may read and write with --state-dir.',
    )
  }
}

/**
 * Gives what root has written in a state directory to whoever owns that: an operator runs commands as root, the server is another user, and
 * could not read the files else.
 */
export function giveToOwner(directory: string, file: string): void {
  if (process.geteuid?.() !== 0) return
  const { uid, gid } = statSync(directory)
  const path = join(directory, file)
  if (existsSync(path)) chownSync(path, uid, gid)
}

/** Runs what reads or writes state; a StateProblem becomes a ServerProblem of the same name. */
export function withState<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof StateProblem) throw new ServerProblem(error.name, error.message, error.hint)
    throw error
  }
}
