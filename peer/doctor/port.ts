/** Can a call start a server of its own on this machine's port, or is one there? */
import { type Finding, fault, okay } from './finding.js'

export interface PortProbe {
  readonly listens: (port: number) => Promise<boolean>
  readonly isVoiceChat: (port: number) => Promise<boolean>
  /** Listens there and stops again; rejects with the system's error. */
  readonly tryToListen: (port: number) => Promise<void>
}

export async function checkPort(port: number, { listens, isVoiceChat, tryToListen }: PortProbe): Promise<Finding> {
  const elsewhere = 'set VOICECHAT_PORT to another port, or name a server with --server.'
  if (await listens(port)) {
    if (await isVoiceChat(port)) return okay(`A VoiceChat server runs here, on port ${port}.`)
    return fault(`Port ${port} is held by a program that is no VoiceChat server.`, `End that program, ${elsewhere}`)
  }
  try {
    await tryToListen(port)
    return okay(`Port ${port} is free: a call without --server starts its own server there.`)
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    return fault(
      `This user can't listen on port ${port} (${code}).`,
      `${elsewhere[0]!.toUpperCase()}${elsewhere.slice(1)}`,
    )
  }
}
