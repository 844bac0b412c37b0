/** Asks a server to have its echo peer call. */
import type { Identity } from '../../protocol/identity.js'
import { VisitProblem } from '../signaling/visit.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { visitFailed, visitServer } from './visit-server.js'

/** The id of the echo peer that calls `own` now. Throws a CommandProblem. */
export async function askForEcho(url: string, own: string, identity: Identity): Promise<string> {
  try {
    const visit = await visitServer(url, own, identity)
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

function problemOf(problem: VisitProblem, url: string): CommandProblem {
  // A server before there were echoes does not know the word.
  if (problem.name === 'badMessage')
    return new CommandProblem(
      'noEcho',
      'This server is of a version without an echo.',
      'Update it and start it with voicechat-server --echo, or leave --server away to test on this machine.',
      EXIT.refused,
    )
  return visitFailed(problem, url, 'test on this machine')
}
