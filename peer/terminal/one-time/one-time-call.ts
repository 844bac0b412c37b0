/** A one-time call: two programs that share nothing but a code (code.ts), with keys that are made for it and forgotten after it. */
import { randomBytes } from 'node:crypto'
import { createIdentity, type Identity } from '../../../protocol/identity.js'
import { rendezvousIds } from '../../../protocol/rendezvous.js'
import { VisitProblem } from '../../signaling/visit.js'
import { type CallParts, call } from '../call.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import type { PeerFlags } from '../options.js'
import { CommandProblem } from '../problem.js'
import { visitFailed, visitServer } from '../visit-server.js'
import { claimNumber } from './claim.js'
import { drawWords, type OneTimeCode, printCode } from './code.js'

const random = (length: number) => new Uint8Array(randomBytes(length))

/** `code`: the other side's; null: this side makes one. Throws a CommandProblem. */
export async function oneTimeCall(
  flags: PeerFlags,
  code: OneTimeCode | null,
  parts: Omit<CallParts, 'identity' | 'password' | 'oneTime'>,
): Promise<ExitCode> {
  const identity = createIdentity(random)
  const shared = code ?? { number: await freeNumber(parts.url, identity), words: drawWords(random) }
  const { inviter, guest } = rendezvousIds(shared.number)
  const ids = code ? { own: guest, peer: inviter } : { own: inviter, peer: guest }
  const side = code ? 'guest' : 'inviter'
  const oneTime = { side, number: shared.number, code: printCode(shared) } as const
  return call(flags, ids, { ...parts, identity, password: shared.words, oneTime })
}

/** A number that is this key's: the server holds it for us until the call's own login. Throws a CommandProblem. */
async function freeNumber(url: string, identity: Identity): Promise<number> {
  const claim = async (id: string) => {
    try {
      const visit = await visitServer(url, id, identity)
      await visit.close()
      return true
    } catch (error) {
      if (!(error instanceof VisitProblem)) throw error
      if (error.name === 'taken') return false
      throw visitFailed(error, url, 'start one here')
    }
  }
  const number = await claimNumber(claim, random)
  if (number !== null) return number
  throw new CommandProblem(
    'noNumber',
    `None of the numbers that were tried is free on the server ${url.replace(/\/$/, '')}.`,
    'Try again in a minute, or use another server.',
    EXIT.refused,
  )
}
