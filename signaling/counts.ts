/** How many there are of each key; what there is none of takes no room. */
export class Counts {
  readonly #counts = new Map<string, number>()

  /** Keys of which there is at least one. */
  get size(): number {
    return this.#counts.size
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1)
  }

  /** One less. Of a key that there is none of it changes nothing. */
  remove(key: string): void {
    const left = this.of(key) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
  }
}
