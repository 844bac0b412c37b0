/** Does the server tell this machine its public address? Without, the direct route works within one network only. */
import type { StunAnswers } from './ask-stun.js'
import { type Finding, okay, skipped, warning } from './finding.js'
import { NO_SERVER, type ServerFacts, type ServerVisit } from './server.js'

/** What asking the STUN ports came to; `none`: the server has no STUN, or there is no server. */
export type StunOutcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'asked'; readonly answers: StunAnswers }

/** The ports to ask: the first is the one that calls use. */
export function stunPorts({ ice }: ServerFacts): number[] {
  return [ice?.stunPort, ice?.otherStunPort].filter(port => typeof port === 'number')
}

export function checkStun(visit: ServerVisit, outcome: StunOutcome): Finding {
  if (!visit) return skipped(`${NO_SERVER}: nobody to ask.`)
  if (!visit.ok) return skipped('The server was not reached: nobody to ask.')
  const port = visit.value.ice?.stunPort ?? null
  if (outcome.kind === 'none' || port === null)
    return warning(
      'The server answers no STUN: two people in different networks find no direct route by it.',
      'Start the server without --stun-port off, and open its UDP port. Until then calls between networks use the relay.',
    )
  if (outcome.kind === 'failed') return warning(`STUN could not be asked: ${outcome.why}.`, 'Check the network.')
  const [mapped] = outcome.answers.mapped
  if (mapped)
    return okay(`UDP port ${port} of the server answers: it sees this machine as ${mapped.address}:${mapped.port}.`)
  return warning(
    `The server has STUN on UDP port ${port}, but no answer comes from there.`,
    `Open UDP port ${port} in the server's firewall, if it is yours; else UDP is blocked here.`,
  )
}
