/** Which UDP port the server answers STUN at, and what is said when it can't be had. */
import { reasonOf } from '../protocol/reason.js'
import { ServerProblem } from './server-problem.js'
import { type RunningStun, startStun } from './stun-server.js'

export interface StunPlan {
  /** What the operator asked for; null: none; undefined: the same number as the server's own port, else a free one. */
  readonly wish: number | null | undefined
  /** The address to listen at; undefined: everywhere. */
  readonly host: string | undefined
  /** The server's own port. */
  readonly port: number
  readonly warn: (message: string) => void
}

/** Starts what the operator asked for, or rejects with a ServerProblem; what nobody asked for may fail, with a warning. */
export async function openStun({ wish, host, port, warn }: StunPlan): Promise<RunningStun | null> {
  if (wish === null) return null
  const at = host === undefined ? {} : { host }
  if (wish === undefined)
    try {
      return await startStun({ ...at, port }).catch(() => startStun({ ...at, port: 0 }))
    } catch (error) {
      warn(`The server answers no STUN requests: ${reasonOf(error)}.`)
      return null
    }
  if (!Number.isInteger(wish) || wish < 0 || wish > 65535)
    throw new ServerProblem(
      'badPort',
      `${wish} is not a port.`,
      'A port is a number from 0 to 65535; 0 takes a free one.',
    )
  try {
    return await startStun({ ...at, port: wish })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new ServerProblem(
        'stunPortInUse',
        `UDP port ${wish} is in use by another program.`,
        'Choose another port with --stun-port, or --stun-port off.',
      )
    throw new ServerProblem(
      code === 'EACCES' ? 'noPermission' : 'cannotListen',
      `The server can't listen on UDP port ${wish}: ${reasonOf(error)}.`,
      'Choose another port, from 1024 up, with --stun-port, or --stun-port off.',
    )
  }
}

/**
 * A second port that answers STUN, the next one up where it is free: whoever asks both from one socket learns whether its
 * NAT gives it another port for each destination. Nobody depends on it: null, with a warning, where it can't be had.
 */
export async function openOtherStun({ host, port, warn }: Omit<StunPlan, 'wish'>): Promise<RunningStun | null> {
  const at = host === undefined ? {} : { host }
  try {
    return await startStun({ ...at, port: port < 65535 ? port + 1 : 0 }).catch(() => startStun({ ...at, port: 0 }))
  } catch (error) {
    warn(`There is no second STUN port: ${reasonOf(error)}.`)
    return null
  }
}
