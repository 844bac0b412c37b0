import type { Guesses, Permit } from './guesses.js'

/**
 * For a password that is good for one wrong guess in the life of the program: after one that was not settled nothing is tried any more. A
 * settled one was right, and leaves things as they were.
 */
export class OneGuess implements Guesses {
  #isOut = false

  begin(): Permit {
    if (this.#isOut) return { allowed: false, retryAt: null }
    this.#isOut = true
    let open = true
    const settle = () => {
      if (open) this.#isOut = false
      open = false
    }
    return { allowed: true, settle }
  }
}
