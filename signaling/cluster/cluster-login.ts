import { readFile } from 'node:fs/promises'
import { reasonOf } from '../../protocol/reason.js'
import { ServerProblem } from '../server-problem.js'

/** How a server logs in to NATS: with a token, or as a user. */
export type ClusterLogin = { readonly token: string } | { readonly user: string; readonly pass: string }

const MAX_CHARS = 1000

/** Reads `user:password`, or a token, from a file; undefined where there is none. Rejects with a ServerProblem `badClusterSecret`. */
export async function readClusterLogin(file: string | undefined): Promise<ClusterLogin | undefined> {
  if (file === undefined) return undefined
  let text: string
  try {
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new ServerProblem(
      'badClusterSecret',
      `The secret for NATS can't be read: ${reasonOf(error)}.`,
      'Name a file that this user may read with --cluster-secret-file.',
    )
  }
  if (!/^[^\s\0]+$/.test(text) || text.length > MAX_CHARS)
    throw new ServerProblem(
      'badClusterSecret',
      'The secret for NATS is no single line without spaces.',
      'Write user:password, or a token, into the file of --cluster-secret-file.',
    )
  const colon = text.indexOf(':')
  return colon > 0 ? { user: text.slice(0, colon), pass: text.slice(colon + 1) } : { token: text }
}
