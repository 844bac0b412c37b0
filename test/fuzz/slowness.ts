/** Tells which inputs take far longer than others of their length. Times are real: it guides nothing, and no test depends on it. */

/** Of the median of its length class. */
const TIMES = 100
/** Below this nothing is slow, ms. */
const LEAST_MS = 100
const KEPT = 101

export class Slowness {
  /** The latest times of each class, ms. */
  readonly #times = new Map<number, { readonly list: Float64Array; count: number }>()

  /** Notes what an input of `length` bytes took. True: it looks slow; try it again before you say so. */
  isSlow(length: number, ms: number): boolean {
    const length2 = 32 - Math.clz32(length)
    let times = this.#times.get(length2)
    if (!times) {
      times = { list: new Float64Array(KEPT), count: 0 }
      this.#times.set(length2, times)
    }
    times.list[times.count++ % KEPT] = ms
    if (ms < LEAST_MS || times.count < KEPT) return false
    return ms > TIMES * times.list.slice().sort()[KEPT >> 1]!
  }
}
