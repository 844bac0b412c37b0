/** FNV-1a, 32 bits: a quick hash that is the same everywhere. Not against anyone who means harm. */

export const FNV_BASIS = 0x811c9dc5
const PRIME = 0x01000193

/** The hash with one more value in it. */
export function fnv(hash: number, value: number): number {
  return Math.imul(hash ^ value, PRIME)
}

/** The hash of a text, by its UTF-16 code units: 0 to 2^32 - 1. */
export function fnvOf(text: string): number {
  let hash = FNV_BASIS
  for (let n = 0; n < text.length; n++) hash = fnv(hash, text.charCodeAt(n))
  return hash >>> 0
}
