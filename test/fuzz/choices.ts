/** Reads an input as a list of choices: what to do next, with which numbers and bytes. Past its end all is zero. */
export class Choices {
  #at = 0

  constructor(private readonly input: Uint8Array) {}

  get done(): boolean {
    return this.#at >= this.input.length
  }

  byte(): number {
    return this.input[this.#at++] ?? 0
  }

  /** From 0 up, below `limit` (at most 256). */
  below(limit: number): number {
    return this.byte() % limit
  }

  u16(): number {
    return (this.byte() << 8) | this.byte()
  }

  u32(): number {
    return ((this.u16() << 16) | this.u16()) >>> 0
  }

  /** A copy of up to `length` bytes: fewer at the end. */
  bytes(length: number): Uint8Array {
    const bytes = this.input.slice(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  /** A copy of all that is left. */
  rest(): Uint8Array {
    return this.bytes(this.input.length)
  }
}
