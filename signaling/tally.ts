import { type Refusal, refusals } from '../protocol/signaling.js'
import type { Closing, RelayDrop } from './connection.js'
import type { LobbyEffect } from './lobby.js'
import { type QuotaName, quotaNames } from './quotas.js'

export type CallEnd = Extract<LobbyEffect, { kind: 'ended' }>['why']

/**
 * Connections that came no further than HTTP. `full`: all of the server's are taken. `tooManyWaiting`: of that address. `noHead`: no whole
 * head came in time. `notTls`: HTTP where TLS is spoken. The others got an HTTP status.
 */
export type Rejection =
  | 'full'
  | 'tooManyWaiting'
  | 'noHead'
  | 'notHttp'
  | 'notTls'
  | 'headTooLong'
  | 'tooManyRequests'
  | 'notFound'
  | 'badOrigin'

/** The latency of one frame in so many is measured. A power of two. */
export const SAMPLE = 64

/**
 * What a server has done since it began, in plain numbers: counting costs the voice nearly nothing, and whoever wants to know reads them. All
 * names are of fixed sets, whatever strangers send.
 */
export class Tally {
  /** Frames of voice written to the other side of their call, and the bytes of their payloads. */
  frames = 0
  bytes = 0
  logins = 0
  callsStarted = 0
  /** Times that someone came back to a call. */
  callsResumed = 0
  readonly drops: Record<RelayDrop, number> = {
    queueFull: 0,
    stale: 0,
    cleared: 0,
    otherAway: 0,
    afterCall: 0,
    quota: 0,
  }
  readonly callsEnded: Record<CallEnd, number> = {
    hungUp: 0,
    unverified: 0,
    noRoute: 0,
    vanished: 0,
    failed: 0,
    bothAway: 0,
    replaced: 0,
  }
  /** Connections that were not let in. */
  readonly refused: Record<Refusal, number> = zeros(refusals)
  /** Calls that were not begun, and those of which no more was relayed, by the quota that was used up. */
  readonly quotaRefused: Record<QuotaName, number> = zeros(quotaNames)
  /** All connections that are over; `gone`: the other end closed it. */
  readonly closed: Record<Closing | 'gone', number> = {
    ...zeros(refusals),
    binaryBeforeLogin: 0,
    tooLong: 0,
    tooManyMessages: 0,
    tooManyErrors: 0,
    flood: 0,
    stuck: 0,
    lost: 0,
    replaced: 0,
    restarting: 0,
    closing: 0,
    gone: 0,
  }
  readonly rejected: Record<Rejection, number> = {
    full: 0,
    tooManyWaiting: 0,
    noHead: 0,
    notHttp: 0,
    notTls: 0,
    headTooLong: 0,
    tooManyRequests: 0,
    notFound: 0,
    badOrigin: 0,
  }
  /** When the frame came that is being handled: ms, of the clock. */
  arrivedAt = 0
  /** Set by the owner: gets the latency of a sampled frame, ms. */
  onLatency: (ms: number) => void = () => {}
  readonly #now: () => number

  /** `now`: the clock's, ms. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** The hot path: a frame has been written. `waitedMs`: 0 unless it had to wait for its turn, else since it came. */
  sent(bytes: number, waitedMs: number): void {
    this.bytes += bytes
    if ((++this.frames & (SAMPLE - 1)) === 0) this.onLatency(waitedMs > 0 ? waitedMs : this.#now() - this.arrivedAt)
  }
}

function zeros<N extends string>(names: readonly N[]): Record<N, number> {
  return Object.fromEntries(names.map(name => [name, 0])) as Record<N, number>
}
