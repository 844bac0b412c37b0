/** Block elements (U+2580 to U+259F): drawn, for fonts leave gaps between them. */

/** Where in its cell a block is filled: x, y, width, height as parts of 1. Null: no block element. */
export function blockOf(character: string): readonly (readonly [number, number, number, number])[] | null {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x2580) return [[0, 0, 1, 0.5]]
  if (code >= 0x2581 && code <= 0x2588) {
    const height = (code - 0x2580) / 8
    return [[0, 1 - height, 1, height]]
  }
  if (code >= 0x2589 && code <= 0x258f) return [[0, 0, (0x2590 - code) / 8, 1]]
  if (code === 0x2590) return [[0.5, 0, 0.5, 1]]
  return null
}
