/** The server inside the peer, for when there is no other. The one place where peer/ knows signaling/. */

import { DEFAULT_PORT } from '../../protocol/signaling.js'
import { lanAddress, type RunningServer, ServerProblem, startServer } from '../../signaling/index.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'

export interface EmbeddedServer {
  readonly running: RunningServer
  /** How the other side dials it; null without a network. */
  readonly lanUrl: string | null
}

/** Throws a CommandProblem. */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  try {
    const running = await startServer({ port: DEFAULT_PORT })
    const address = lanAddress()
    return { running, lanUrl: address === undefined ? null : `ws://${address}:${running.port}` }
  } catch (error) {
    if (error instanceof ServerProblem) throw new CommandProblem(error.name, error.message, error.hint, EXIT.server)
    throw error
  }
}
