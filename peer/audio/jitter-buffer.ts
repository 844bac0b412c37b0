/**
 * The jitter buffer: packets go in as they come, frames come out in order, one each time the speaker has played the
 * last. It knows no codec and has no clock: `nowMs` is when the speaker means to play the sample that comes next.
 *
 * - A frame that is missing is concealed; after 100 ms of that there is silence until the next packet.
 * - A packet that comes after its moment is dropped and counted.
 * - The delay follows what `Arrivals` says. Too long: whole frames are left out, oldest first. Too short: when a frame
 *   is missing, a concealed one is put in and the missing one waited for.
 * - After silence, and after a jump of `at` by more than 10 s, it starts afresh with the packet that comes.
 */
import { Arrivals } from './arrivals.js'
import { FRAME_MS, SAMPLES_PER_MS } from './codec.js'

/**
 * What to play next: a frame's packet, and by how much the delay is longer than need be; a made-up frame, the `nth` in a row (from 1); or so many samples of silence.
 */
export type Playout =
  | { readonly kind: 'packet'; readonly payload: Uint8Array; readonly excessMs: number }
  | { readonly kind: 'conceal'; readonly nth: number; readonly of: number }
  | { readonly kind: 'silence'; readonly samples: number }

/** Frames concealed in a row before silence. */
const MAX_CONCEALED = 5
/** Silence comes in pieces of at most this, ms, so that voice starts soon after its packet. */
const SILENCE_STEP_MS = 5
/** Delay at the start, while nothing is known of the network, ms. */
const FIRST_DELAY_MS = 10
/** Delay put before the first frame of a stretch of voice, at most, ms; and after a hole in the voice, which should not be longer yet. */
const MAX_START_DELAY_MS = 120
const MAX_DELAY_AFTER_HOLE_MS = 40
/** Excess delay from which frames are left out, now and then; and from which all of it goes at once, ms. */
const EXCESS_MS = 25
const MUCH_EXCESS_MS = 60
/** Frames played between two that are left out for a little excess. */
const FRAMES_BETWEEN = 10
/** Missing delay from which a missing frame is waited for, ms. */
const SHORTAGE_MS = 5
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
  #concealed = 0
  #sinceLeftOut = 0
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
    this.#arrivals.add(moment, nowMs)
    this.#waiting.set(moment, payload)
    if (this.#state === 'new' || moment > this.#newest) this.#newest = moment
    if (this.#state === 'new' || this.#state === 'silent') this.#begin(moment, nowMs)
    this.#quiet = false
  }

  /** The speaker has played all it got and wants more. */
  next(nowMs: number): Playout {
    if (this.#state === 'starting') {
      if (nowMs < this.#startAtMs) return silence(Math.min(SILENCE_STEP_MS, this.#startAtMs - nowMs))
      this.#play()
    }
    if (this.#state !== 'playing') return silence(SILENCE_STEP_MS)
    this.#leaveOut(nowMs)
    const payload = this.#waiting.get(this.#next)
    if (payload) {
      const excessMs = this.#excess(nowMs)
      this.#waiting.delete(this.#next++)
      this.#concealed = 0
      this.#sinceLeftOut++
      return { kind: 'packet', payload, excessMs }
    }
    return this.#missing(nowMs)
  }

  #missing(nowMs: number): Playout {
    const empty = this.#waiting.size === 0
    if (empty && (this.#quiet || this.#concealed >= MAX_CONCEALED)) {
      this.#state = 'silent'
      this.#concealed = 0
      return silence(SILENCE_STEP_MS)
    }
    if (empty && this.#concealed === 0) this.#dry++
    if (this.#concealed >= MAX_CONCEALED) {
      this.#giveUp()
      return silence(FRAME_MS)
    }
    this.#concealed++
    // Playing it late costs a concealed frame as well, but nothing that was said.
    if (this.#excess(nowMs) > -SHORTAGE_MS) this.#giveUp()
    return { kind: 'conceal', nth: this.#concealed, of: MAX_CONCEALED }
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
    this.#sinceLeftOut = 0
  }

  #play(): void {
    const first = this.#next
    for (this.#next = this.#known ? this.#floor : first; this.#next < first; ) this.#giveUp()
    this.#state = 'playing'
  }

  #leaveOut(nowMs: number): void {
    const excess = this.#excess(nowMs)
    if (excess < EXCESS_MS || (excess < MUCH_EXCESS_MS && this.#sinceLeftOut < FRAMES_BETWEEN)) return
    const until = Math.min(this.#newest, this.#next + (excess < MUCH_EXCESS_MS ? 1 : Math.floor(excess / FRAME_MS)))
    while (this.#next < until) {
      if (this.#waiting.delete(this.#next)) this.#late++
      this.#giveUp()
    }
    this.#sinceLeftOut = 0
  }

  #giveUp(): void {
    this.#lost++
    this.#missed.add(this.#next++)
    if (this.#missed.size > MEMORY_FRAMES) this.#missed.delete(this.#missed.values().next().value!)
  }

  #tooLate(moment: number, nowMs: number): void {
    if (!this.#missed.delete(moment)) return
    this.#late++
    this.#arrivals.add(moment, nowMs)
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
  }
}

function silence(ms: number): Playout {
  return { kind: 'silence', samples: Math.max(1, Math.round(ms * SAMPLES_PER_MS)) }
}
