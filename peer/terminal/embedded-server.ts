/** The server inside the peer, for when there is no other. The one place where peer/ knows signaling/. */
import type { RunningServer } from '../../signaling/index.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { isVoiceChat, listens } from './server-address.js'

/** Loaded when needed: a peer that finds a server does without all of it. */
const signaling = () => import('../../signaling/index.js')

/** This machine's address in its own network, if it has one. */
export async function lanAddress(): Promise<string | undefined> {
  return (await signaling()).lanAddress()
}

/**
 * Starts a server on this port, unless one runs there already: then null. Throws a CommandProblem, also where another
 * program has the port.
 */
export async function startIfNoneRuns(port: number): Promise<RunningServer | null> {
  if (!(await listens(`ws://localhost:${port}`))) return start(port)
  if (await isVoiceChat(port)) return null
  throw new CommandProblem(
    'portInUse',
    `No server was given, and port ${port} of this machine is in use by a program that is no VoiceChat server.`,
    'End it, name a server with --server, or set VOICECHAT_PORT to another port.',
    EXIT.server,
  )
}

async function start(port: number): Promise<RunningServer | null> {
  const { ServerProblem, startServer } = await signaling()
  try {
    return await startServer({ port })
  } catch (error) {
    // Another peer of this machine was quicker.
    if (error instanceof ServerProblem && error.name === 'portInUse' && (await isVoiceChat(port))) return null
    if (error instanceof ServerProblem) throw new CommandProblem(error.name, error.message, error.hint, EXIT.server)
    throw error
  }
}
