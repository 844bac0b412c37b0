import type { Clock } from '../protocol/clock.js'
import type { Logger, Warnings } from './log.js'
import { TokenBucket } from './token-bucket.js'

/** Lines at once, and in the long run. */
const BURST = 100
const PER_SECOND = 5
const EVERY_MS = 10_000

/**
 * Warnings about what strangers do: so many are lines of their own; beyond that they are counted by name, and told together every 10 s. A
 * flood must neither fill the disk nor hold up the server, which waits for its log to be written.
 */
export class LogDigest implements Warnings {
  readonly #log: Pick<Logger, 'warn'>
  readonly #clock: Clock
  readonly #lines: TokenBucket
  #counts: Record<string, number> = {}
  #timer: unknown

  constructor(log: Pick<Logger, 'warn'>, clock: Clock) {
    this.#log = log
    this.#clock = clock
    this.#lines = new TokenBucket(PER_SECOND, BURST)
  }

  warn(fields: Parameters<Warnings['warn']>[0], message: string): void {
    if (this.#lines.take(this.#clock.now())) {
      this.#log.warn(fields, message)
      return
    }
    const name = `${message}: ${fields.why}`
    this.#counts[name] = (this.#counts[name] ?? 0) + 1
    this.#timer ??= this.#clock.setTimeout(() => this.flush(), EVERY_MS)
  }

  /** Tells what is counted now. */
  flush(): void {
    if (this.#timer === undefined) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#log.warn({ counts: this.#counts }, 'and more')
    this.#counts = {}
  }
}
