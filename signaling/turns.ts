/**
 * Does what it is given one by one, in order, one each turn of the event loop: whatever comes from strangers at the same moment (requests,
 * logins), the voice that runs through the server has its turn in between. What waits is bounded by the server's sockets.
 */
export class Turns {
  readonly #waiting: (() => void)[] = []

  get waiting(): number {
    return this.#waiting.length
  }

  take(act: () => void): void {
    this.#waiting.push(act)
    if (this.#waiting.length === 1) setImmediate(() => this.#next())
  }

  #next(): void {
    const [act] = this.#waiting
    try {
      act?.()
    } finally {
      this.#waiting.shift()
      if (this.#waiting.length > 0) setImmediate(() => this.#next())
    }
  }
}
