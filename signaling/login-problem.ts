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

/** Another program with the same key is online. */
export function elsewhere({ id }: { readonly id: string }): LoginProblem {
  return ['elsewhere', `${id} is online already, in another program with your key. End that one, or choose another id.`]
}
