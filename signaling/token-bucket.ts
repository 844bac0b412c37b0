/** A token bucket: `burst` at once, `perSecond` in the long run. Time is handed in, ms. */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(
    readonly perSecond: number,
    readonly burst: number,
    now: number,
  ) {
    this.#tokens = burst
    this.#at = now
  }

  /** Takes `n` tokens; false, and takes none, when there aren't as many. */
  take(now: number, n = 1): boolean {
    const tokens = this.#level(now)
    this.#at = now
    this.#tokens = tokens < n ? tokens : tokens - n
    return tokens >= n
  }

  /** Whether nothing has been taken lately: it may as well be forgotten. */
  full(now: number): boolean {
    return this.#level(now) >= this.burst
  }

  #level(now: number): number {
    return Math.min(this.burst, this.#tokens + (Math.max(0, now - this.#at) * this.perSecond) / 1000)
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
      bucket = new TokenBucket(this.perSecond, this.burst, now)
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
