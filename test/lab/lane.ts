import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

export interface Conditions {
  /** Bits a ms, so kb/s; Infinity for no limit. */
  readonly rateKbps: number
  /** One way, ms. */
  readonly delayMs: number
  /** Nothing passes, and nothing is lost: it waits, up to what the buffers hold. */
  readonly stalled: boolean
  /** What waits for its turn, bytes; more is left with the sender, which feels it. What is merely under way does not count. */
  readonly bufferBytes: number
}

/** Bytes written at once under a rate, so that a slow link trickles. */
const GRAIN = 64

/** One direction of one connection: bytes that come from one socket go to the other as the conditions allow, in order. */
export class Lane {
  #conditions: Conditions
  #queue: { bytes: Uint8Array; readonly due: number }[] = []
  #timer: NodeJS.Timeout | undefined
  #ended = false
  /** The socket that we write to takes no more for now. */
  #blocked = false
  /** Bytes that may go now under the rate, and when that was last worked out. */
  #allowance = 0
  #countedAt = performance.now()

  constructor(
    readonly from: Socket,
    readonly to: Socket,
    conditions: Conditions,
    onBytes: (bytes: Uint8Array) => void,
  ) {
    this.#conditions = conditions
    from.on('data', bytes => {
      onBytes(bytes)
      this.#queue.push({ bytes, due: performance.now() + this.#conditions.delayMs })
      this.#pump()
    })
    from.on('end', () => {
      this.#ended = true
      this.#pump()
    })
    to.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
  }

  set(conditions: Conditions): void {
    this.#conditions = conditions
    this.#pump()
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#queue = []
    this.#ended = false
  }

  #pump(): void {
    clearTimeout(this.#timer)
    const now = performance.now()
    this.#earn(now)
    if (!this.#conditions.stalled) while (!this.#blocked && this.#sendOne(now)) {}
    const waiting = this.#queue.reduce((sum, { bytes, due }) => (due <= now ? sum + bytes.length : sum), 0)
    if (waiting > this.#conditions.bufferBytes) this.from.pause()
    else this.from.resume()
    const head = this.#queue[0]
    if (!head) {
      if (this.#ended) this.to.end()
    } else if (!this.#conditions.stalled && !this.#blocked) {
      const ms = head.due > now ? head.due - now : ((GRAIN - this.#allowance) * 8) / this.#conditions.rateKbps
      this.#timer = setTimeout(() => this.#pump(), Math.max(1, ms))
    }
  }

  #earn(now: number): void {
    const { rateKbps } = this.#conditions
    const earned = rateKbps === Number.POSITIVE_INFINITY ? 0 : (rateKbps * (now - this.#countedAt)) / 8
    // A link that rests saves nothing up, but for what the timers miss.
    this.#allowance = Math.min(this.#allowance + earned, Math.max(GRAIN, rateKbps * 2.5))
    this.#countedAt = now
  }

  #sendOne(now: number): boolean {
    const head = this.#queue[0]
    if (!head || head.due > now) return false
    const free = this.#conditions.rateKbps === Number.POSITIVE_INFINITY
    const size = free ? head.bytes.length : Math.min(GRAIN, head.bytes.length)
    if (!free && this.#allowance < size) return false
    if (!free) this.#allowance -= size
    this.#blocked = !this.to.write(head.bytes.subarray(0, size))
    if (size === head.bytes.length) this.#queue.shift()
    else head.bytes = head.bytes.subarray(size)
    return true
  }
}
