import { fail, ok, type Result } from './result.js'

/** A user's name on a server: 1 to 32 of `A-Z a-z 0-9 . _ -`. Shown as typed, compared by `sameId`. */
export const ID_PATTERN = /^[A-Za-z0-9._-]{1,32}$/

/** Checks an id that came from a person or from the network; returns it as typed. */
export function parseId(text: unknown): Result<string, 'badId'> {
  if (typeof text === 'string' && ID_PATTERN.test(text)) return ok(text)
  return fail('badId', 'An id is 1 to 32 letters, digits, dots, dashes or underscores.')
}

/** The form in which ids are compared, sorted and hashed: ASCII lower case. */
export function canonicalId(id: string): string {
  return id.replace(/[A-Z]/g, letter => letter.toLowerCase())
}

export function sameId(a: string, b: string): boolean {
  return canonicalId(a) === canonicalId(b)
}

/** Of two ids in a call the smaller one is side a (it opens the handshake), the other side b. Ids are ASCII. */
export function sideOf(own: string, other: string): 'a' | 'b' {
  return canonicalId(own) < canonicalId(other) ? 'a' : 'b'
}
