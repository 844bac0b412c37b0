/** What the network between two people who talk is like; both ways alike, each with its own luck. */
import type { PathQuality } from '../simulation/path.js'

export interface Condition {
  readonly name: string
  readonly title: string
  readonly route: 'direct' | 'relay'
  /** From the beginning of the call on; what loses and what narrows comes with the talking, so that each call comes about. */
  readonly quality: Partial<PathQuality>
  /** Comes so long after the judged speech began, ms. */
  readonly later?: { readonly afterMs: number; readonly quality: Partial<PathQuality> }
  /** Each `everyMs` nothing passes for `ms`; then all of it comes at once. */
  readonly spikes?: { readonly everyMs: number; readonly ms: number }
  /** How much faster one side's card is than the other's, millionths. */
  readonly driftPpm?: number
  /** Stretches of speech that are judged: when they begin, and how long each is, ms. */
  readonly parts: readonly number[]
  readonly partMs: number
  /** From the call's beginning, with the loss already there, until the judged speech begins, ms. */
  readonly settleMs?: number
  /** Delays are looked for up to this, ms. */
  readonly maxDelayMs?: number
}

const SPOKEN = { parts: [0], partMs: 35_000 }
const HOUR_MS = 3_600_000
const DRIFT_PART_MS = 20_000
/** A wire in the same house. */
const NEAR = { delayMs: 1 }
const FAR = { delayMs: 40 }

/** Gilbert and Elliott's model with all lost in bursts of `length` packets on average, so that `share` of all packets are. */
function bursts(share: number, length: number): Partial<PathQuality> {
  return { burstShare: share / length / (1 - share), burstLength: length }
}

const direct = { route: 'direct', ...SPOKEN } as const
const relay = { route: 'relay', ...SPOKEN } as const

export const conditions: readonly Condition[] = [
  { name: 'clean', title: 'clean', ...direct, quality: NEAR },
  { name: 'far', title: '40 ms', ...direct, quality: FAR },
  {
    name: 'jitter',
    title: '40 ±10 ms, 5 % lost',
    ...direct,
    quality: { delayMs: 30, jitterMs: 20, loss: 0.05 },
  },
  { name: 'loss20', title: '40 ms, 20 % lost', ...direct, quality: { ...FAR, loss: 0.2 } },
  { name: 'burst10', title: '40 ms, 10 % in bursts of 3', ...direct, quality: { ...FAR, ...bursts(0.1, 3) } },
  { name: 'burst20', title: '40 ms, 20 % in bursts of 3', ...direct, quality: { ...FAR, ...bursts(0.2, 3) } },
  {
    name: 'spikes',
    title: '40 ms, a spike of 200 ms each 5 s',
    ...direct,
    quality: FAR,
    spikes: { everyMs: 5_000, ms: 200 },
  },
  {
    name: 'narrow',
    title: '40 ms, after 5 s 40 kb/s with a queue of 1 s',
    ...direct,
    quality: FAR,
    later: { afterMs: 5_000, quality: { rateKbps: 40, queueMs: 1_000 } },
    maxDelayMs: 2_500,
  },
  { name: 'relay', title: 'relay, clean', ...relay, quality: NEAR },
  { name: 'relay5', title: 'relay, 40 ms, 5 % lost', ...relay, quality: { ...FAR, loss: 0.05 } },
  {
    name: 'drift',
    title: 'cards 200 ppm apart, an hour',
    route: 'direct',
    quality: NEAR,
    driftPpm: 200,
    maxDelayMs: 400,
    parts: [0, HOUR_MS / 2, HOUR_MS - DRIFT_PART_MS],
    partMs: DRIFT_PART_MS,
  },
]
