/** How the other side is called in what people read: by its id, as it was typed, or in words where it has none of its own. */

/** In a one-time call nobody has an id. No id has a space in it. */
export const THE_OTHER_SIDE = 'the other side'

export function isNameless(peer: string): boolean {
  return peer === THE_OTHER_SIDE
}

/** At the start of a sentence. */
export function atStart(peer: string): string {
  return isNameless(peer) ? 'The other side' : peer
}

/** Beside a meter, where one's own is `You`. */
export function asLabel(peer: string): string {
  return isNameless(peer) ? 'They' : peer
}
