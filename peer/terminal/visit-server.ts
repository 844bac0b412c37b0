/** Visits to a server beside a call, with what goes wrong as people and programs are told it. */
import type { Identity } from '../../protocol/identity.js'
import { nodeRandom } from '../../protocol/node-random.js'
import { Visit, type VisitProblem } from '../signaling/visit.js'
import { dialWebSocket } from '../signaling/websocket.js'
import { EXIT } from './exit-codes.js'
import { CommandProblem } from './problem.js'
import { shownUrl } from './server-address.js'

/** Logs in as `id`. Rejects with a VisitProblem. */
export function visitServer(url: string, id: string, identity: Identity, invitation?: string): Promise<Visit> {
  return Visit.open({
    dial: (onProblem, onUpgrade) => dialWebSocket(url, onProblem, onUpgrade),
    url,
    id,
    identity,
    invitation,
    random: nodeRandom,
    now: () => performance.now(),
  })
}

/** `without`: what happens where `--server` is left away, as the end of a sentence. */
export function visitFailed({ name, message }: VisitProblem, url: string, without: string): CommandProblem {
  if (name !== 'unreachable') return new CommandProblem(name, message, '', EXIT.refused)
  return new CommandProblem(
    'serverLost',
    `The server ${shownUrl(url)} cannot be reached: ${message}.`,
    `Check the address and that it runs, or leave --server away to ${without}.`,
    EXIT.server,
  )
}
