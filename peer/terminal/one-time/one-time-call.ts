/** A one-time call: two programs that share nothing but a code (code.ts), with keys that are made for it and forgotten after it. */
import type { Identity } from '../../../protocol/identity.js'
import { createNodeIdentity } from '../../../protocol/node-ed25519.js'
import { nodeRandom } from '../../../protocol/node-random.js'
import { rendezvousIds } from '../../../protocol/rendezvous.js'
import { VisitProblem } from '../../signaling/visit.js'
import { OneGuess } from '../../trust/one-guess.js'
import { type CallParts, call } from '../call.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { loadIdentity } from '../identity-file.js'
import type { PeerFlags } from '../options.js'
import { CommandProblem } from '../problem.js'
import { shownUrl } from '../server-address.js'
import { visitFailed, visitServer } from '../visit-server.js'
import { claimNumber } from './claim.js'
import { drawWords, type OneTimeCode, printCode } from './code.js'

/** `code`: the other side's; null: this side makes one. Throws a CommandProblem. */
export async function oneTimeCall(
  flags: PeerFlags,
  code: OneTimeCode | null,
  parts: Omit<CallParts, 'identity' | 'trust' | 'password' | 'oneTime'>,
): Promise<ExitCode> {
  const { number, words, identity } = code
    ? { ...code, identity: createNodeIdentity() }
    : { ...(await takeNumber(parts.url, flags)), words: drawWords(nodeRandom) }
  const { inviter, guest } = rendezvousIds(number)
  const ids = code ? { own: guest, peer: inviter } : { own: inviter, peer: guest }
  const side = code ? 'guest' : 'inviter'
  const oneTime = { side, number, code: printCode({ number, words }) } as const
  // Nobody is looked up among the contacts, and nobody is remembered.
  const trust = { guesses: new OneGuess() }
  return call(flags, ids, { ...parts, identity, trust, password: words, oneTime })
}

/**
 * A free number, and the key that it is for: the server holds it for that until the call's own login. The key is a new one but on
 * a private server, which knows its members by theirs. Throws a CommandProblem.
 */
async function takeNumber(
  url: string,
  { server, invitation }: PeerFlags,
): Promise<{ number: number; identity: Identity }> {
  let identity = createNodeIdentity()
  let isOwn = false
  const claim = async (id: string): Promise<boolean> => {
    try {
      // An invitation is for the key that one keeps, and for the server that was named.
      const visit = await visitServer(url, id, identity, isOwn && server !== undefined ? invitation : undefined)
      await visit.close()
      return true
    } catch (error) {
      if (!(error instanceof VisitProblem)) throw error
      if (error.name === 'taken') return false
      if (error.name !== 'notAllowed' || isOwn) throw visitFailed(error, url, 'start one here')
      identity = loadIdentity()
      isOwn = true
      return claim(id)
    }
  }
  const number = await claimNumber(claim, nodeRandom)
  if (number !== null) return { number, identity }
  throw new CommandProblem(
    'noNumber',
    `None of the numbers that were tried is free on the server ${shownUrl(url)}.`,
    'Try again in a minute, or use another server.',
    EXIT.refused,
  )
}
