/** Asks a server to have its echo peer call. */
import { randomBytes } from 'node:crypto'
import type { Identity } from '../../protocol/identity.js'
import { Visit, VisitProblem } from '../signaling/visit.js'
import { dialWebSocket } from '../signaling/websocket.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

/** The id of the echo peer that calls `own` now. Throws a CommandProblem. */
export async function askForEcho(url: string, own: string, identity: Identity): Promise<string> {
  try {
    const visit = await Visit.open({
      dial: (onProblem, onUpgrade) => dialWebSocket(url, onProblem, onUpgrade),
      url,
      id: own,
      identity,
      random: length => new Uint8Array(randomBytes(length)),
      now: () => performance.now(),
    })
    try {
      return (await visit.ask({ type: 'echo' }, 'echo')).peer
    } finally {
      await visit.close()
    }
  } catch (error) {
    if (error instanceof VisitProblem) throw problemOf(error, url)
    throw error
  }
}

function problemOf({ name, message }: VisitProblem, url: string): CommandProblem {
  if (name === 'unreachable')
    return new CommandProblem(
      'serverLost',
      `The server ${url.replace(/\/$/, '')} cannot be reached: ${message}.`,
      'Check the address and that it runs, or leave --server away to test on this machine.',
      EXIT.server,
    )
  // A server before there were echoes does not know the word.
  if (name === 'badMessage')
    return new CommandProblem(
      'noEcho',
      'This server is of a version without an echo.',
      'Update it and start it with voicechat-server --echo, or leave --server away to test on this machine.',
      EXIT.refused,
    )
  return new CommandProblem(name, message, '', EXIT.refused)
}
