/**
 * Whether voice comes late on the direct route: a queue on the way, or a stall, brings every frame, but after its moment. Such a route
 * is as bad as a silent one, and the relay is there for that.
 */
import { FRAME_MS } from '../audio/codec.js'
import type { RouteKind } from '../call/events.js'

/** Later than that is late, ms: more than jitter buffers hold by themselves. */
export const LATE_MS = 50
/** Transits are kept by their mean in so many ms: single frames may be quick by chance. */
const BUCKET_MS = 200
/** Fewer frames have no mean. */
const ENOUGH = 4
/** So many buckets are looked at: 2 s. A delay that grows within more than that is followed by the jitter buffer. */
const BUCKETS = 10
/** The relay's of so many last ones count alone, if there are any: what is late on both routes is no fault of the direct one. */
const RELAY_BUCKETS = 3

/** Transits of one route. */
interface Transits {
  count: number
  sum: number
}

interface Bucket extends Readonly<Record<RouteKind, Transits>> {
  readonly number: number
}

export class Lateness {
  readonly #buckets: Bucket[] = []
  #late = false

  /** The last voice on the direct route came late. */
  get isLate(): boolean {
    return this.#late
  }

  /**
   * Voice of the sender's moment `at` (each 20 ms) came on `route` at `now` (ms, own clock), the first or the second copy. `both`: voice
   * is asked for on both routes; then only what the relay brings in time is held against the direct route.
   */
  note(route: RouteKind, at: number, now: number, both: boolean): void {
    // The clocks of both sides differ by something that is the same for all frames of these 2 s.
    const transit = now - at * FRAME_MS
    const number = Math.floor(now / BUCKET_MS)
    if (route === 'direct') {
      const relay = this.#least(number - RELAY_BUCKETS, ({ relay }) => meanOf(relay))
      const usual = both || relay < Number.POSITIVE_INFINITY ? relay : this.#usual(number)
      this.#late = transit - usual > LATE_MS
    }
    const transits = this.#bucket(number)[route]
    transits.count++
    transits.sum += transit
  }

  /** The direct route is trusted again, or is another one: from now on it is judged by itself. */
  begin(): void {
    this.#late = false
    this.#buckets.length = 0
  }

  #usual(now: number): number {
    return this.#least(now - BUCKETS, ({ relay, direct }) => Math.min(meanOf(relay), meanOf(direct)))
  }

  /** The least mean after bucket `since`; infinity: too little came. */
  #least(since: number, of: (bucket: Bucket) => number): number {
    return this.#buckets.reduce(
      (least, bucket) => (bucket.number > since ? Math.min(least, of(bucket)) : least),
      Number.POSITIVE_INFINITY,
    )
  }

  #bucket(number: number): Bucket {
    const last = this.#buckets.at(-1)
    if (last?.number === number) return last
    const bucket = { number, direct: { count: 0, sum: 0 }, relay: { count: 0, sum: 0 } }
    this.#buckets.push(bucket)
    if (this.#buckets.length > BUCKETS) this.#buckets.shift()
    return bucket
  }
}

function meanOf({ count, sum }: Transits): number {
  return count < ENOUGH ? Number.POSITIVE_INFINITY : sum / count
}
