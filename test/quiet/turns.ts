/**
 * Calls, and working out what they sounded like, take turns: the latter keeps a processor, and this program, busy for a second, which
 * calls would hear and which would look like a machine that is late. Many of one kind may go on at once.
 */
export class Turns {
  #kind: 'call' | 'judging' | null = null
  #running = 0
  #waiting: { readonly kind: 'call' | 'judging'; readonly go: () => void }[] = []

  async take<T>(kind: 'call' | 'judging', work: () => Promise<T> | T): Promise<T> {
    // Whoever waits has been here before us.
    if (this.#running > 0 && (kind !== this.#kind || this.#waiting.length > 0))
      await new Promise<void>(go => this.#waiting.push({ kind, go }))
    else this.#begin(kind)
    try {
      return await work()
    } finally {
      this.#running--
      if (this.#running === 0) this.#next()
    }
  }

  #begin(kind: 'call' | 'judging'): void {
    this.#kind = kind
    this.#running++
  }

  /** All of the kind that waits longest. */
  #next(): void {
    const kind = this.#waiting[0]?.kind
    const due = this.#waiting.filter(waiting => waiting.kind === kind)
    this.#waiting = this.#waiting.filter(waiting => waiting.kind !== kind)
    for (const { kind, go } of due) {
      this.#begin(kind)
      go()
    }
  }
}
