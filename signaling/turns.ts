/** How long strangers may have in one turn of the event loop, ms; what has begun is done. */
const SHARE_MS = 2

/** True: more of it is to be computed at the end of this turn of the event loop, in which nothing else is done then. */
export type Act = () => unknown

/**
 * Does what strangers want (requests, logins) when it is their turn: for a short time in each turn of the event loop, so that the voice which
 * runs through the server is held up no longer, and one of each address after the other, so that a flood from some does not keep others
 * out. What waits is bounded by the server's sockets.
 */
export class Turns {
  readonly #waiting = new Map<string, Act[]>()
  readonly #now: () => number
  #scheduled = false

  /** `now`: ms. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Addresses whose turn is to come. */
  get waiting(): number {
    return this.#waiting.size
  }

  take(address: string, act: Act): void {
    const acts = this.#waiting.get(address)
    if (acts) acts.push(act)
    else this.#waiting.set(address, [act])
    this.#soon()
  }

  #soon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      const start = this.#now()
      try {
        do if (this.#next() === true) break
        while (this.#waiting.size > 0 && this.#now() - start < SHARE_MS)
      } finally {
        this.#scheduled = false
        if (this.#waiting.size > 0) this.#soon()
      }
    })
  }

  #next(): unknown {
    const [first] = this.#waiting
    if (!first) return true
    const [address, acts] = first
    const act = acts.shift()
    this.#waiting.delete(address)
    // Behind all others.
    if (acts.length > 0) this.#waiting.set(address, acts)
    return act?.()
  }
}
