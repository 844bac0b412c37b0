/**
 * The jitter buffer: packets go in as they come, frames come out in order, one each time the speaker has played the
 * last. It knows no codec and has no clock: `nowMs` is when the speaker means to play the sample that comes next.
 *
 * - A frame that is missing is concealed, in small pieces: when it comes before its time is over, it is played after
 *   all, whole when the delay may grow, else what is left of it. After 100 ms there is silence until the next packet.
 * - A packet that comes after its moment is dropped and counted.
 * - The delay follows what `Arrivals` says. Each packet comes out with how much too long or too short the delay is, and
 *   the player squeezes or stretches. Far too long: whole frames are left out, oldest first. Too short when a frame is
 *   missing: what is concealed is put in, and the missing one waited for.
 * - After silence, and after a jump of `at` by more than 10 s, it starts afresh with the packet that comes.
 */
import { Arrivals } from './arrivals.js'
import { FRAME_MS, SAMPLES_PER_MS } from './codec.js'

/** What to play next. */
export type Playout =
  | {
      readonly kind: 'packet'
      readonly payload: Uint8Array
      /** By how much the delay is longer than need be, ms; below 0 when it is too short. */
      readonly excessMs: number
      /** The start of it that is over already: it was concealed, ms. */
      readonly skipMs: number
      /** Frames before it were left out. */
      readonly jump: boolean
    }
  /** Made-up sound. `successor`: the packet after the missing one, if it is here: then this is a whole frame. */
  | { readonly kind: 'conceal'; readonly samples: number; readonly successor: Uint8Array | null }
  /** `muted`: the other side said that it sends nothing for now. */
  | { readonly kind: 'silence'; readonly samples: number; readonly muted: boolean }

/** Sound concealed in a row before silence, ms. */
export const MAX_CONCEALED_MS = 100
/** Silence, and concealment, come in pieces of at most this, ms, so that voice starts soon after its packet. */
const STEP_MS = 5
/** Delay at the start, while nothing is known of the network, ms. */
const FIRST_DELAY_MS = 10
/** Delay put before the first frame of a stretch of voice, at most, ms; and after a hole in the voice, which should not be longer yet. */
const MAX_START_DELAY_MS = 120
const MAX_DELAY_AFTER_HOLE_MS = 40
/** Excess delay from which whole frames go at once, ms. */
const MUCH_EXCESS_MS = 100
/** Missing delay from which a missing frame is waited for, ms. */
const SHORTAGE_MS = 5
/** A frame that comes while it is concealed is played whole if the delay is then too long by no more than this, ms. */
const MAY_GROW_MS = 12
/** A jump of `at` by more frames than this is another stretch of time (10 s). */
const JUMP_FRAMES = 500
/** How far behind the first packet of a stretch an earlier one may still come, frames. */
const MAX_REORDER = 5
/** Losses are remembered so long, to tell a late packet from a second copy (frames). */
const MEMORY_FRAMES = 250

export class JitterBuffer {
  readonly #arrivals = new Arrivals()
  readonly #waiting = new Map<number, Uint8Array>()
  /** Moments given up, which may still come: too late. */
  readonly #missed = new Set<number>()
  #state: 'new' | 'silent' | 'starting' | 'playing' = 'new'
  #next = 0
  #newest = 0
  /** The first moment of the stretch that begins; what lies between it and the first packet was lost. */
  #floor = 0
  #known = false
  #startAtMs = 0
  /** Concealed in a row, ms; and the part of it that stands for the frame that is next. */
  #concealed = 0
  #gap = 0
  /** Frames were left out since the last packet. */
  #jump = false
  #quiet = false
  #lost = 0
  #late = 0
  #dry = 0

  /** Frames given up. */
  get lost(): number {
    return this.#lost
  }

  /** Packets that came too late; part of `lost`. */
  get late(): number {
    return this.#late
  }

  /** Times that it ran empty while the other side spoke. */
  get dry(): number {
    return this.#dry
  }

  /** Sound that waits in here, ms. */
  get waitingMs(): number {
    return this.#waiting.size * FRAME_MS
  }

  get jitterMs(): number {
    return this.#arrivals.jitterMs
  }

  /** A packet came. Length 0 (its `at` doesn't matter): the other side has fallen silent and sends no voice for now. */
  put(at: number, payload: Uint8Array, nowMs: number): void {
    if (payload.length === 0) {
      this.#quiet = true
      return
    }
    const moment = this.#momentOf(at)
    if (this.#state !== 'new' && Math.abs(moment - this.#next) > JUMP_FRAMES) this.#reset()
    if (this.#state === 'starting' && moment >= this.#floor) this.#next = Math.min(this.#next, moment)
    if (this.#state !== 'new' && moment < this.#next) {
      this.#tooLate(moment, nowMs)
      return
    }
    if (this.#waiting.has(moment)) return
    this.#arrivals.add(moment, nowMs, this.#state !== 'new' && moment < this.#newest)
    this.#waiting.set(moment, payload)
    if (this.#state === 'new' || moment > this.#newest) this.#newest = moment
    if (this.#state === 'new' || this.#state === 'silent') this.#begin(moment, nowMs)
    this.#quiet = false
  }

  /** The speaker has played all it got and wants more. */
  next(nowMs: number): Playout {
    if (this.#state === 'starting') {
      if (nowMs < this.#startAtMs) return this.#silence(Math.min(STEP_MS, this.#startAtMs - nowMs))
      this.#play()
    }
    if (this.#state !== 'playing') return this.#silence(STEP_MS)
    this.#leaveOut(nowMs)
    const payload = this.#waiting.get(this.#next)
    if (!payload) return this.#missing(nowMs)
    const excess = this.#excess(nowMs)
    const skipMs = excess > MAY_GROW_MS ? this.#gap : 0
    const jump = this.#jump
    this.#waiting.delete(this.#next++)
    this.#concealed = 0
    this.#gap = 0
    this.#jump = false
    return { kind: 'packet', payload, excessMs: excess - skipMs, skipMs, jump }
  }

  #missing(nowMs: number): Playout {
    const empty = this.#waiting.size === 0
    if (empty && (this.#quiet || this.#concealed >= MAX_CONCEALED_MS)) {
      this.#state = 'silent'
      this.#concealed = 0
      this.#gap = 0
      return this.#silence(STEP_MS)
    }
    if (empty && this.#concealed === 0) this.#dry++
    // Playing it late costs concealed sound as well, but nothing that was said.
    const mayWait = this.#excess(nowMs) - this.#gap <= -SHORTAGE_MS
    if (this.#concealed >= MAX_CONCEALED_MS) {
      this.#giveUp()
      return this.#silence(FRAME_MS)
    }
    const successor = this.#waiting.get(this.#next + 1) ?? null
    if (successor && this.#gap === 0 && !mayWait) {
      this.#giveUp()
      this.#concealed += FRAME_MS
      return { kind: 'conceal', samples: FRAME_MS * SAMPLES_PER_MS, successor }
    }
    this.#concealed += STEP_MS
    this.#gap += STEP_MS
    if (this.#gap >= FRAME_MS) {
      if (!mayWait) this.#giveUp()
      this.#gap = 0
    }
    return { kind: 'conceal', samples: STEP_MS * SAMPLES_PER_MS, successor: null }
  }

  /** How long after its moment the next frame is played, on the scale of `Arrivals`. */
  #delay(nowMs: number): number {
    return nowMs - this.#next * FRAME_MS
  }

  /** How much longer the delay is than it need be, ms; below 0 when it is too short. 0 while nothing is played. */
  #excess(nowMs: number): number {
    const needed = this.#arrivals.neededMs
    return this.#state === 'playing' && needed !== null ? this.#delay(nowMs) - needed : 0
  }

  #begin(moment: number, nowMs: number): void {
    // Nobody knows how much came before the first packet of all; silence that was announced is no loss.
    this.#known = this.#state === 'silent' && !this.#quiet
    const earliest = moment - MAX_REORDER
    this.#floor = this.#known ? this.#next : this.#state === 'new' ? earliest : Math.max(earliest, this.#next)
    this.#next = moment
    const needed = this.#arrivals.neededMs
    const wait = needed === null ? FIRST_DELAY_MS : needed - this.#delay(nowMs)
    this.#startAtMs = nowMs + Math.min(this.#known ? MAX_DELAY_AFTER_HOLE_MS : MAX_START_DELAY_MS, Math.max(0, wait))
    this.#state = 'starting'
  }

  #play(): void {
    const first = this.#next
    for (this.#next = this.#known ? this.#floor : first; this.#next < first; ) this.#giveUp()
    this.#state = 'playing'
  }

  #leaveOut(nowMs: number): void {
    const excess = this.#excess(nowMs)
    if (excess < MUCH_EXCESS_MS) return
    const until = Math.min(this.#newest, this.#next + Math.floor(excess / FRAME_MS))
    while (this.#next < until) {
      if (this.#waiting.delete(this.#next)) this.#late++
      this.#giveUp()
      this.#gap = 0
      this.#jump = true
    }
  }

  #giveUp(): void {
    this.#lost++
    this.#missed.add(this.#next++)
    if (this.#missed.size > MEMORY_FRAMES) this.#missed.delete(this.#missed.values().next().value!)
  }

  #tooLate(moment: number, nowMs: number): void {
    if (!this.#missed.delete(moment)) return
    this.#late++
    this.#arrivals.add(moment, nowMs, moment < this.#newest)
  }

  /** Unwraps a u32 around the newest moment, so that moments only grow. */
  #momentOf(at: number): number {
    return this.#state === 'new' ? at : this.#newest + ((at - this.#newest) | 0)
  }

  #reset(): void {
    this.#arrivals.clear()
    this.#waiting.clear()
    this.#missed.clear()
    this.#state = 'new'
    this.#concealed = 0
    this.#gap = 0
  }

  #silence(ms: number): Playout {
    return { kind: 'silence', samples: Math.max(1, Math.round(ms * SAMPLES_PER_MS)), muted: this.#quiet }
  }
}
