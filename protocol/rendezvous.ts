/**
 * Rendezvous ids: `7.a` and `7.b` are the two sides of a one-time call under the number 7. They are nobody's: a server gives one to
 * whoever asks first, for as long as that one is there.
 */

/** Numbers are 1 to this. */
export const MAX_RENDEZVOUS = 999_999

const PATTERN = /^[0-9]{1,6}\.[ab]$/i

/** Whether an id is of this kind: no person's, on any server. */
export function isRendezvous(id: string): boolean {
  return PATTERN.test(id)
}

/** The only id that a rendezvous id may call, `7.b` for `7.a`; null for other ids. */
export function counterpartOf(id: string): string | null {
  if (!isRendezvous(id)) return null
  const number = id.slice(0, -1)
  return /a$/i.test(id) ? `${number}b` : `${number}a`
}

/** Whether an id is that of the side which was told a code. */
export function isGuest(id: string): boolean {
  return isRendezvous(id) && /b$/i.test(id)
}

/** The two ids of a number: of the side that made the code, and of the one that was told it. */
export function rendezvousIds(number: number): { readonly inviter: string; readonly guest: string } {
  return { inviter: `${number}.a`, guest: `${number}.b` }
}
