/** What sums of times are off by at most, ms. */
const ROUNDING_MS = 1e-3

/** A token bucket: `burst` at once, `perSecond` (above 0) in the long run. Time is handed in, ms. */
export class TokenBucket {
  /** When it will be full again if nothing more is taken, ms: all there is to remember (GCRA, ITU-T I.371). */
  #fullAt = Number.NEGATIVE_INFINITY

  constructor(
    readonly perSecond: number,
    readonly burst: number,
  ) {}

  /** Takes `n` tokens; false, and takes none, when there aren't as many. */
  take(now: number, n = 1): boolean {
    const fullAt = Math.max(this.#fullAt, now) + (n * 1000) / this.perSecond
    if (fullAt - now > (this.burst * 1000) / this.perSecond + ROUNDING_MS) return false
    this.#fullAt = fullAt
    return true
  }

  /** Whether nothing has been taken lately: it may as well be forgotten. */
  full(now: number): boolean {
    return now >= this.#fullAt
  }
}

/** A token bucket for each key, bounded: full buckets are forgotten, then the oldest ones. */
export class TokenBuckets {
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(
    readonly perSecond: number,
    readonly burst: number,
    readonly most = 50_000,
  ) {}

  take(key: string, now: number): boolean {
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      if (this.#buckets.size >= this.most) this.#makeRoom(now)
      bucket = new TokenBucket(this.perSecond, this.burst)
      this.#buckets.set(key, bucket)
    }
    return bucket.take(now)
  }

  get size(): number {
    return this.#buckets.size
  }

  #makeRoom(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(key)
    const spare = Math.ceil(this.most / 10)
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= this.most - spare) break
      this.#buckets.delete(key)
    }
  }
}
