/**
 * How voice is sent, by what the other side says of the network: repeated where packets are lost, thin where they queue.
 * Never the second because of the first alone: what is repeated is given up before the link is filled.
 */
import type { StatusPacket } from '../../protocol/packet.js'
import { FRAME_BYTES, type FrameSize } from '../../protocol/sealing.js'
import type { Coding } from '../audio/codec.js'

/** One way of sending. */
export interface Plan extends Coding {
  /** The size of all frames. */
  readonly size: FrameSize
  /** New blocks of 20 ms in one packet. */
  readonly together: number
  /** And the blocks so many frames before the newest. */
  readonly repeats: readonly number[]
}

/** From the thinnest to the one that bears most. At 20 % loss STOI is .900, .970 with one older frame, .987 with two. */
const PLANS: readonly Omit<Plan, 'expectedLoss'>[] = [
  { size: 'single', together: 3, repeats: [], bitrate: 11_200 },
  { size: 'single', together: 2, repeats: [], bitrate: 16_000 },
  { size: 'single', together: 1, repeats: [], bitrate: 32_000 },
  { size: 'double', together: 1, repeats: [1], bitrate: 28_800 },
  { size: 'triple', together: 1, repeats: [1, 2], bitrate: 24_000 },
]
const [USUAL, MOST] = [2, PLANS.length - 1]

/** Loss from which each is worth its bytes, per mille, upwards and back again: what is measured of 200 frames swings. */
const REPEAT = { up: 25, down: 8 }
const REPEAT_TWICE = { up: 90, down: 50 }
/**
 * Losses in rows so many times as long as chance makes them take the copy in the next packet with them; the one after it helps as much
 * alone. (Of a share p that is lost at random, 1 / (1 - p) come in a row.)
 */
const IN_A_ROW = { up: 1.6, down: 1.4 }
/** The coder is made ready for loss from here on, per mille: it costs no bytes, but some quality. */
const CORRECT = 7

/** Waiting for longer means that a queue has built up, ms: jitter buffers hold less by themselves. */
const LATE_MS = 60
/** And less than this, that there is none. */
const CALM_MS = 30
/** One that is gone within this was a stall, not a queue, ms. */
const STALL_MS = 100
/** After a step down so long for it to show, ms; and as long as the queue then shrinks by this in such a time. */
const SETTLE_MS = 700
const SHRINKS_MS = 20
/** Calm for so long, it is tried with more; after each such try that failed twice as long, ms. */
const TRY_MS = 4_000
const TRY_LATEST_MS = 120_000
/** A queue within this time after a try was the try's doing, ms. */
const FAILED_WITHIN_MS = 5_000
/** Of what a link carries so much is used: the queue has to empty, and the other routes and people need some. */
const SHARE = 0.85
/** Loss beyond any repetition: the link is too narrow rather than bad, per mille. */
const HOPELESS = 400
/** What a frame needs on the wire beside itself, bytes. */
const OVERHEAD_BYTES = 50

export type Report = Pick<StatusPacket, 'lost' | 'burst' | 'late'>

export class Protection {
  #report: Report = { lost: 0, burst: 0, late: 0 }
  #wanted = USUAL
  #inARow = false
  #ceiling = MOST
  #expectedLoss = 0
  #plan: Plan = { ...PLANS[USUAL]!, expectedLoss: 0 }
  #lateSince: { readonly at: number; readonly late: number } | null = null
  #calmSince: number | null = null
  #stepped: { readonly at: number; readonly late: number } | null = null
  #triedAt: number | null = null
  #tryAfterMs = TRY_MS

  /** What is sent now. The same object as long as nothing changes. */
  get plan(): Plan {
    return this.#plan
  }

  /** Voice takes another way from now on: what was thought of queues on the one before holds no more. True: the plan is another one. */
  begin(now: number): boolean {
    this.#ceiling = MOST
    this.#lateSince = null
    this.#stepped = null
    this.#triedAt = null
    this.#tryAfterMs = TRY_MS
    return this.heard({ ...this.#report, late: 0 }, now)
  }

  /** The other side reported at `now` (ms, own clock). True: the plan is another one. */
  heard(report: Report, now: number): boolean {
    this.#report = report
    this.#weighLoss(report)
    this.#weighDelay(report, now)
    const plan = PLANS[Math.min(this.#wanted, this.#ceiling)]!
    const repeats = this.#inARow && plan.repeats.length === 1 ? [2] : plan.repeats
    const next = { ...plan, repeats, expectedLoss: repeats.length > 0 ? 0 : this.#expectedLoss }
    if (JSON.stringify(next) === JSON.stringify(this.#plan)) return false
    this.#plan = next
    return true
  }

  #weighLoss({ lost, burst }: Report): void {
    const once = lost >= (this.#wanted > USUAL ? REPEAT.down : REPEAT.up)
    const twice = lost >= (this.#wanted > USUAL + 1 ? REPEAT_TWICE.down : REPEAT_TWICE.up)
    const overChance = (burst / 10) * (1 - lost / 1000)
    this.#inARow = once && overChance >= (this.#inARow ? IN_A_ROW.down : IN_A_ROW.up)
    this.#wanted = !once ? USUAL : twice && !this.#inARow ? MOST : USUAL + 1
    // In few steps: each change is a message to another thread.
    this.#expectedLoss = lost >= CORRECT ? Math.min(20, 5 * Math.ceil(lost / 50)) : 0
  }

  #weighDelay({ lost, late }: Report, now: number): void {
    if (late >= LATE_MS || lost >= HOPELESS) {
      this.#calmSince = null
      this.#lateSince ??= { at: now, late }
      if (now - this.#lateSince.at >= STALL_MS) this.#stepDown(late, now)
      return
    }
    this.#lateSince = null
    if (late >= CALM_MS) return
    this.#calmSince ??= now
    if (this.#ceiling === MOST || now - this.#calmSince < this.#tryAfterMs) return
    this.#ceiling++
    this.#triedAt = now
    this.#calmSince = now
  }

  #stepDown(late: number, now: number): void {
    const last = this.#stepped
    if (last && late < last.late - SHRINKS_MS) {
      this.#stepped = { at: now, late }
      return
    }
    if (last && now - last.at < SETTLE_MS) {
      this.#stepped = { at: last.at, late: Math.max(last.late, late) }
      return
    }
    const index = Math.min(this.#wanted, this.#ceiling)
    const since = this.#lateSince ?? { at: now, late }
    // A queue that grows by half a second each second: two thirds of what comes in go out.
    const growth = Math.max(0, (late - since.late) / Math.max(1, now - since.at))
    const carried = (SHARE * rateOf(index)) / (1 + growth)
    let next = Math.max(0, index - 1)
    while (next > 0 && rateOf(next) > carried) next--
    this.#ceiling = next
    this.#stepped = { at: now, late }
    const failed = this.#triedAt !== null && now - this.#triedAt < FAILED_WITHIN_MS
    this.#tryAfterMs = failed ? Math.min(TRY_LATEST_MS, 2 * this.#tryAfterMs) : TRY_MS
    this.#triedAt = null
  }
}

/** Bytes per 20 ms on the wire. */
function rateOf(index: number): number {
  const { size, together } = PLANS[index]!
  return (FRAME_BYTES[size] + OVERHEAD_BYTES) / together
}
