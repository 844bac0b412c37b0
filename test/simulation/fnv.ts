/** FNV-1a, 32 bits: a quick hash that is the same everywhere. Not against anyone who means harm. */

export const FNV_BASIS = 0x811c9dc5
const PRIME = 0x01000193

/** The hash with one more value in it. */
export function fnv(hash: number, value: number): number {
  return Math.imul(hash ^ value, PRIME)
}
