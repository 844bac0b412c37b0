/**
 * Whether the relay is any better while the direct route is late. A queue on the way that both share makes both late, and sending on both
 * would only fill it: so the relay is asked first, by probes.
 */
import type { ProbePacket } from '../../protocol/packet.js'
import { IdleProbe } from './idle-probe.js'
import { LATE_MS } from './lateness.js'

/** An answer tells of the relay for so long, ms. */
const FRESH_MS = 1_200

export class RelayCheck {
  readonly #probe = new IdleProbe()
  #usualMs: number | null = null
  #last: { readonly rttMs: number; readonly at: number } | null = null

  /** The relay carried voice, and this was the round trip, ms. */
  carried(rttMs: number): void {
    this.#usualMs = rttMs
  }

  /** A tick, at `now` (ms, own clock), while the relay is idle; `late`: the direct route is. The probe to send on the relay, if any. */
  next(now: number, late: boolean): ProbePacket | null {
    return this.#probe.next(now, late)
  }

  /**
   * An answer came on the relay at `now`: the round trip, ms; null when it answers nothing. `late`: the direct route is late, so that
   * this one is no measure of the usual.
   */
  answered(probe: Pick<ProbePacket, 'generation' | 'n'>, now: number, late: boolean): number | null {
    const rttMs = this.#probe.answered(probe, now)
    if (rttMs === null) return null
    this.#last = { rttMs, at: now }
    if (!late) this.#usualMs = rttMs
    return rttMs
  }

  /** It answered just now, as quickly as it usually does. */
  isQuick(now: number): boolean {
    if (this.#last === null || this.#usualMs === null || now - this.#last.at > FRESH_MS) return false
    return this.#last.rttMs < this.#usualMs + LATE_MS
  }
}
