/** Takes a free number for a one-time call: a short one if there is any. */
import type { Random } from '../../../protocol/random.js'
import { rendezvousIds } from '../../../protocol/rendezvous.js'

/** Numbers that are tried of each length, up to the longest there are. */
const TRIES = 3
const MAX_DIGITS = 6

/** Numbers in the order in which to try them, random among those of one length. */
export function* numbersToTry(random: Random): Generator<number> {
  for (let digits = 1; digits <= MAX_DIGITS; digits++) {
    const tried = new Set<number>()
    while (tried.size < TRIES) {
      const number = numberOf(digits, random)
      if (!tried.has(number)) yield number
      tried.add(number)
    }
  }
}

/**
 * A number whose inviter's id is ours: `claim` logs in with that id, and resolves to whether it was free. Null: none was. Rejects as
 * `claim` does.
 */
export async function claimNumber(claim: (id: string) => Promise<boolean>, random: Random): Promise<number | null> {
  for (const number of numbersToTry(random)) if (await claim(rendezvousIds(number).inviter)) return number
  return null
}

/** Of 1, 10, 100 and so on up to the next one, all nearly as likely: it is no secret. */
function numberOf(digits: number, random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4)
  const first = 10 ** (digits - 1)
  return first + ((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % (9 * first))
}
