/** Text that is not ours, as one line for people: it must not move the cursor, paint over what stands there, or turn the text around. */
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

export function plainText(text: string): string {
  return text.replace(CONTROL, ' ')
}
