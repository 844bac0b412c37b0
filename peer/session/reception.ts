/**
 * What the other side has to know of its voice's way to us, to send it well: how much is lost and in what runs, and how long
 * it waits in queues.
 */
import { FRAME_MS } from '../audio/codec.js'
import type { RouteKind } from '../call/events.js'

/** Voice packets looked at for losses: 4 s of the usual ones. */
const WINDOW = 200
/** The newest may have overtaken these, which are no losses yet. */
const REORDER = 2
/** Missing in a row for longer is an outage: no repetition would have helped, frames. */
const OUTAGE = 10
const MASK = 255
/** How long ago the quickest may have come, and in what steps that is kept, ms. */
const BASE_MS = 20_000
const STEP_MS = 1_000
/** What came within this tells of now, ms: one that was quick among them, as after a stall, is enough to say that no queue is there. */
const RECENT_MS = 200

export class Reception {
  /** By position modulo 256: it came. */
  readonly #came = new Uint8Array(MASK + 1)
  #first: number | null = null
  #highest = -1
  readonly #waits: Readonly<Record<RouteKind, Wait>> = { direct: new Wait(), relay: new Wait() }

  /** A voice packet that didn't come before, at this position of its chain. */
  note(order: number): void {
    this.#first ??= order
    if (order <= this.#highest - WINDOW) return
    for (let n = Math.max(this.#highest + 1, order - MASK); n < order; n++) this.#came[n & MASK] = 0
    this.#came[order & MASK] = 1
    this.#highest = Math.max(this.#highest, order)
  }

  /** Voice of the sender's moment `at` came on `route` at `now` (ms, own clock); the first or the second copy. */
  took(route: RouteKind, at: number, now: number): void {
    this.#waits[route].note(now - at * FRAME_MS, now)
  }

  /** `lost`: per mille; `burst`: losses in a row on average, 0 without any. */
  losses(): { readonly lost: number; readonly burst: number } {
    let [seen, lost, runs, run] = [0, 0, 0, 0]
    const newest = this.#highest - REORDER
    for (let n = Math.max(this.#first ?? 0, newest - WINDOW + 1); n <= newest; n++) {
      if (this.#came[n & MASK] === 0) {
        run++
        continue
      }
      seen++
      if (run > 0 && run <= OUTAGE) {
        lost += run
        runs++
      }
      run = 0
    }
    return { lost: seen === 0 ? 0 : Math.round((1000 * lost) / (seen + lost)), burst: runs === 0 ? 0 : lost / runs }
  }

  /** How much longer than it could voice takes now, ms; where it comes on two routes, on the better one. 0 while none comes. */
  late(now: number): number {
    const late = Math.min(this.#waits.direct.late(now), this.#waits.relay.late(now))
    return late === Number.POSITIVE_INFINITY ? 0 : late
  }
}

/** How long voice waits on one route. Clocks that drift by 200 millionths feign 4 ms of it. */
class Wait {
  /** The oldest first. */
  readonly #recent: { readonly transit: number; readonly at: number }[] = []
  readonly #quickest: { readonly transit: number; readonly step: number }[] = []

  note(transit: number, now: number): void {
    this.#forget(now)
    this.#recent.push({ transit, at: now })
    const step = Math.floor(now / STEP_MS)
    const last = this.#quickest.at(-1)
    if (last?.step === step && last.transit <= transit) return
    if (last?.step === step) this.#quickest.pop()
    this.#quickest.push({ transit, step })
    if (this.#quickest.length > BASE_MS / STEP_MS) this.#quickest.shift()
  }

  /** Infinity: nothing came of late. */
  late(now: number): number {
    this.#forget(now)
    if (this.#recent.length === 0) return Number.POSITIVE_INFINITY
    return least(this.#recent) - least(this.#quickest)
  }

  #forget(now: number): void {
    while (this.#recent.length > 0 && now - this.#recent[0]!.at >= RECENT_MS) this.#recent.shift()
  }
}

function least(all: readonly { readonly transit: number }[]): number {
  return all.reduce((least, { transit }) => Math.min(least, transit), Number.POSITIVE_INFINITY)
}
