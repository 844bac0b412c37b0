/**
 * A key that toggles when it is tapped, and while it is held down inverts until it is let go: push to talk, or to cough. A terminal
 * has no key-up, but a held key comes again and again. Keyboards wait 250 to 660 ms before they begin with that, so the second press
 * of a held key looks like another tap, for a moment; the third tells.
 */

/** Presses that follow each other so quickly are no fingers, ms. Keyboards repeat every 20 to 100 ms. */
const REPEAT_MS = 120
/** The longest that a keyboard waits with the first repeat, ms. */
const FIRST_REPEAT_MS = 700
/** A held key that was not sent for so long was let go, ms: longer than an uneven network holds one up, most of the time. */
export const RELEASE_MS = 250

export class HeldKey {
  #last = Number.NEGATIVE_INFINITY
  #tappedAt = Number.NEGATIVE_INFINITY
  /** The last tap may be the first repeat of the one before. */
  #paired = false
  /** What was, before the key went down. */
  #before = false
  #held = false

  /** The key came at `now` (ms), while what it toggles is `on`. Gives what it is to be. */
  press(now: number, on: boolean): boolean {
    const repeats = now - this.#last < REPEAT_MS
    this.#last = now
    if (repeats) {
      this.#held = true
      return !this.#before
    }
    this.#paired = !this.#paired && now - this.#tappedAt < FIRST_REPEAT_MS
    if (!this.#paired) this.#before = on
    this.#tappedAt = now
    return !on
  }

  /** Whether it is held down, as far as one knows: then `release` is due RELEASE_MS after the last press. */
  get held(): boolean {
    return this.#held
  }

  /** It was let go. Gives what is to be again. */
  release(): boolean {
    this.#held = false
    this.#last = Number.NEGATIVE_INFINITY
    this.#tappedAt = Number.NEGATIVE_INFINITY
    return this.#before
  }
}
