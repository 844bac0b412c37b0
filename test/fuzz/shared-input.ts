/** The input that a thread is at, where another thread can read it: also when the first one never comes back. */

const HEAD_BYTES = 8

export class SharedInput {
  readonly buffer: SharedArrayBuffer
  /** How many inputs were begun; the length of the one in hand, -1 between two. */
  readonly #state: Int32Array
  readonly #bytes: Uint8Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEAD_BYTES + 65_536)) {
    this.buffer = buffer
    this.#state = new Int32Array(buffer, 0, 2)
    this.#bytes = new Uint8Array(buffer, HEAD_BYTES)
  }

  begin(input: Uint8Array): void {
    this.#bytes.set(input)
    Atomics.add(this.#state, 0, 1)
    Atomics.store(this.#state, 1, input.length)
  }

  end(): void {
    Atomics.store(this.#state, 1, -1)
  }

  get begun(): number {
    return Atomics.load(this.#state, 0)
  }

  /** A copy of the input in hand; null between two. */
  get current(): Uint8Array | null {
    const length = Atomics.load(this.#state, 1)
    return length < 0 ? null : this.#bytes.slice(0, length)
  }
}
