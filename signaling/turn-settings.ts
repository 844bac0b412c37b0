/** What an operator says about TURN: the servers' URLs, and the file with the secret that they share with this server. */
import { readFile } from 'node:fs/promises'
import { isTurnUrl, MAX_TURN_SERVERS } from '../protocol/ice.js'
import { reasonOf } from '../protocol/reason.js'
import { ServerProblem } from './server-problem.js'
import type { TurnSettings } from './turn.js'

const MAX_SECRET_CHARS = 1000

/** Reads the secret for these URLs; undefined when there is neither. Rejects with a ServerProblem. */
export async function readTurnSettings(
  urls: readonly string[],
  secretFile: string | undefined,
): Promise<TurnSettings | undefined> {
  if (urls.length === 0 && secretFile === undefined) return undefined
  if (secretFile === undefined)
    throw new ServerProblem(
      'turnWithoutSecret',
      'A TURN server was named, and no secret that it shares with this server.',
      "Write the secret (coturn's static-auth-secret) into a file, and name it with --turn-secret-file.",
    )
  if (urls.length === 0)
    throw new ServerProblem(
      'secretWithoutTurn',
      'A TURN secret was given, and no TURN server.',
      'Name the server with --turn, for example turn:turn.example.org:3478, or leave --turn-secret-file out.',
    )
  return checkTurnSettings({ urls, secret: await readSecret(secretFile) })
}

/** Throws a ServerProblem, `badTurnUrl` or `badTurnSecret`. */
export function checkTurnSettings(turn: TurnSettings): TurnSettings {
  const bad = turn.urls.find(url => !isTurnUrl(url))
  if (bad !== undefined)
    throw new ServerProblem(
      'badTurnUrl',
      `"${bad}" is not the URL of a TURN server.`,
      'Write it as turn:host:port or turns:host:port, with ?transport=udp or ?transport=tcp behind it if need be.',
    )
  if (turn.urls.length > MAX_TURN_SERVERS)
    throw new ServerProblem(
      'badTurnUrl',
      `${turn.urls.length} TURN servers are too many.`,
      `Name at most ${MAX_TURN_SERVERS}.`,
    )
  if (turn.secret === '' || turn.secret.length > MAX_SECRET_CHARS)
    throw new ServerProblem(
      'badTurnSecret',
      `The TURN secret is ${turn.secret === '' ? 'empty' : 'too long'}.`,
      `Use the TURN server's own, of 1 to ${MAX_SECRET_CHARS} characters.`,
    )
  return turn
}

/** Space around it is an editor's, not the secret's. */
async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new ServerProblem(
      'badTurnSecret',
      `The TURN secret can't be read: ${reasonOf(error)}.`,
      'Name a file that this user may read with --turn-secret-file.',
    )
  }
}
