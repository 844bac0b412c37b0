import { isRendezvous } from '../protocol/rendezvous.js'
import type { Refusal } from '../protocol/signaling.js'

/** Why a login is refused: the name, and a sentence for the person. */
export type LoginProblem = readonly [reason: Refusal, message: string]

/** Another key holds the id. */
export function taken({ id }: { readonly id: string }): LoginProblem {
  if (isRendezvous(id))
    return [
      'taken',
      `Somebody has come with the number ${Number.parseInt(id, 10)} already. If that was you, try again in a minute; else ask for a new code.`,
    ]
  return ['taken', `The id ${id} belongs to someone else here. Choose another id.`]
}

/**
 * A guest of a private server, for whom nobody waits who may be there. `soon`: the server has just started, and whoever waits may not be
 * back yet.
 */
export function uninvited({ id }: { readonly id: string }, soon: boolean): LoginProblem {
  const number = Number.parseInt(id, 10)
  if (soon) return ['tooMany', `This server has just started. Whoever waits with the number ${number} is not back yet.`]
  return ['notAllowed', `This server is private, and nobody waits here with the number ${number}. Ask for a new code.`]
}

/** Another program with the same key is online. */
export function elsewhere({ id }: { readonly id: string }): LoginProblem {
  return ['elsewhere', `${id} is online already, in another program with your key. End that one, or choose another id.`]
}
