/**
 * A bounded queue of packets in shared memory, from one thread to another: one producer, one consumer, no locks.
 * When it is full the oldest packet goes, and is counted: fresh beats complete.
 *
 *   u32 write   how many packets were ever pushed      written by the producer
 *   u32 read    how many were ever taken or dropped    moved by compareExchange from both sides
 *   u32 dropped, slots, slotBytes
 *   slots x (u32 at, u32 length, slotBytes)
 *
 * Counters wrap at 2^32, so the number of slots is a power of two. One slot stays free: the slot that the producer fills
 * is never the one that the consumer may be copying, unless the producer has published another packet in between, and
 * then the consumer's claim fails.
 */
const [WRITE, READ, DROPPED, SLOTS, SLOT_BYTES] = [0, 1, 2, 3, 4] as const
const HEADER_WORDS = 8
const SLOT_HEADER_WORDS = 2

export interface RingPacket {
  /** Which 20 ms of the sender's time this is; u32. */
  readonly at: number
  /** A copy; length 0 says that there is no voice in this moment. */
  readonly payload: Uint8Array
}

export class Ring {
  readonly buffer: SharedArrayBuffer
  readonly #words: Uint32Array
  readonly #bytes: Uint8Array
  readonly #slots: number
  readonly #slotBytes: number

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.#words = new Uint32Array(buffer)
    this.#bytes = new Uint8Array(buffer)
    this.#slots = this.#words[SLOTS]!
    this.#slotBytes = this.#words[SLOT_BYTES]!
  }

  /** A new ring. `slots` (a power of two, 64 by default) hold `slots - 1` packets of up to `slotBytes` (512) bytes. */
  static create({ slots = 64, slotBytes = 512 }: { slots?: number; slotBytes?: number } = {}): Ring {
    if (!Number.isInteger(Math.log2(slots)) || slots < 2) throw new RangeError('slots must be a power of two')
    if (slotBytes < 4 || slotBytes % 4 !== 0) throw new RangeError('slotBytes must be a multiple of 4')
    const buffer = new SharedArrayBuffer(4 * HEADER_WORDS + slots * (4 * SLOT_HEADER_WORDS + slotBytes))
    const words = new Uint32Array(buffer)
    words[SLOTS] = slots
    words[SLOT_BYTES] = slotBytes
    return new Ring(buffer)
  }

  /** The same ring in another thread. */
  static from(buffer: SharedArrayBuffer): Ring {
    return new Ring(buffer)
  }

  /** Packets that wait. */
  get length(): number {
    return (Atomics.load(this.#words, WRITE) - Atomics.load(this.#words, READ)) >>> 0
  }

  /** Packets dropped because the ring was full, in all. */
  get dropped(): number {
    return Atomics.load(this.#words, DROPPED)
  }

  /** The producer's side. Throws a RangeError when the payload is longer than a slot. */
  push(at: number, payload: Uint8Array): void {
    if (payload.length > this.#slotBytes) throw new RangeError(`a packet has at most ${this.#slotBytes} bytes`)
    const words = this.#words
    const write = Atomics.load(words, WRITE)
    const read = Atomics.load(words, READ)
    // When the exchange fails, the consumer has just taken that packet, and there is room as well.
    const full = (write - read) >>> 0 >= this.#slots - 1
    if (full && Atomics.compareExchange(words, READ, read, (read + 1) >>> 0) === read) Atomics.add(words, DROPPED, 1)
    const slot = this.#slotAt(write)
    words[slot] = at >>> 0
    words[slot + 1] = payload.length
    this.#bytes.set(payload, 4 * (slot + SLOT_HEADER_WORDS))
    Atomics.store(words, WRITE, (write + 1) >>> 0)
  }

  /** The consumer's side: the oldest packet, or null when there is none. */
  pop(): RingPacket | null {
    const words = this.#words
    for (;;) {
      const read = Atomics.load(words, READ)
      if (read === Atomics.load(words, WRITE)) return null
      const slot = this.#slotAt(read)
      const at = words[slot]!
      // The producer may be writing here by now: what was read counts only if the claim below succeeds.
      const length = Math.min(words[slot + 1]!, this.#slotBytes)
      const start = 4 * (slot + SLOT_HEADER_WORDS)
      const payload = this.#bytes.slice(start, start + length)
      if (Atomics.compareExchange(words, READ, read, (read + 1) >>> 0) === read) return { at, payload }
    }
  }

  #slotAt(index: number): number {
    return HEADER_WORDS + (index % this.#slots) * (SLOT_HEADER_WORDS + this.#slotBytes / 4)
  }
}
