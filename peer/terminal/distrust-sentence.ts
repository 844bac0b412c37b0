/** Why the other side is not trusted, and what to do, where that is more than an agreement that failed. */
import type { Distrust } from '../call/events.js'
import type { Names } from './sentences.js'
import { day, timeOfDay } from './when.js'

/** `detail`: the sentence that came with it, or null. */
export function distrustSentence(
  distrust: Distrust,
  detail: string | null,
  { peer }: Names,
): { message: string; hint: string } {
  switch (distrust.name) {
    case 'changedKey':
      return {
        message:
          `Not verified: ${peer} has another key than the one that you know since ${day(distrust.since)}. ` +
          `That is ${peer} on a new machine or after a new installation; or somebody else who pretends to be ${peer}, the server or someone in between. ` +
          `Nothing was said or played. Known: ${distrust.known}. Shown now: ${distrust.seen}.`,
        hint: `Ask ${peer} in another way, for the fingerprint too (voicechat-peer identity). Only if it is ${peer}: voicechat-peer contacts forget ${peer}, and call again.`,
      }
    case 'tooManyTries':
      return {
        message: `Not verified: too many tries to agree on keys with ${peer} went wrong, so that somebody may be guessing${distrust.retryAt === null ? '' : `; the next one is allowed at ${timeOfDay(distrust.retryAt)}`}.`,
        hint: `If it was only you two: voicechat-peer contacts unlock ${peer}, and call again.`,
      }
    case 'unaccounted':
      return {
        message: `Not verified: ${detail ?? 'what is known of the other side cannot be read.'}`,
        hint: distrust.hint,
      }
  }
}
