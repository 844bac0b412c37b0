/** Why a one-time call ended, where that reads differently from other calls. */
import type { EndReason } from '../../call/events.js'
import { endSentence, type Names } from '../sentences.js'

/** One side of a one-time call: who made the code, or who was told it. */
export interface OneTimeSide {
  readonly side: 'inviter' | 'guest'
  readonly number: number
  /** With its number: `7-orbit-maple`. */
  readonly code: string
}

export interface OneTimeEnd {
  readonly reason: EndReason
  /** For `nobodyCame` and `serverLost`: why the server can't be reached, or null. */
  readonly detail: string | null
  /** Whether they talked, which uses the code up. */
  readonly talked: boolean
}

export function nobodyIsThere({ number }: OneTimeSide): string {
  return `Nobody is there with the number ${number} at the moment. Check it, and the server, with the other side.`
}

export function oneTimeEndSentence(
  { side, number }: OneTimeSide,
  { reason, detail, talked }: OneTimeEnd,
  names: Names,
): { message: string; hint: string } {
  const inviter = side === 'inviter'
  const again = inviter ? 'Make a new code with --new.' : 'Ask the other side for a new code.'
  if (reason === 'unverified') {
    const nothing = talked ? '' : ' Nothing was said or played.'
    return {
      message: `Not verified: somebody tried a wrong code, or someone in between changed the key agreement.${nothing} The code is dead.`,
      hint: again,
    }
  }
  if (reason === 'vanished' || (reason === 'refused' && detail === null))
    return { ...endSentence(reason, detail, names), hint: again }
  if (reason === 'hungUp' && inviter && !talked)
    return { message: 'You hung up. The code is dead: nobody can use it any more.', hint: '' }
  if (reason === 'nobodyCame' && detail === null)
    return inviter
      ? {
          message: 'The other side did not come, and the code is dead.',
          hint: `${again} --wait sets how long it is good for.`,
        }
      : {
          message: `Nobody is there with the number ${number}.`,
          hint: `Check the number, and that the other side still waits, at ${names.server}; else ask for a new code.`,
        }
  return endSentence(reason, detail, names)
}
