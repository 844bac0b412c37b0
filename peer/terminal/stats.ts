/** The figures of a call, once a second, as `--json` and the call screen show them. */
import type { AudioStats } from '../audio/audio.js'
import type { CallView } from '../call/view.js'
import type { Path } from '../routes/connection.js'
import type { RouteFigures } from '../session/route-meter.js'
import type { SessionFigures } from '../session/session.js'

/** Times in ms, levels in dBFS, rates in kb/s of sealed frames; counts are totals since talking began. */
export interface CallStats {
  readonly route: CallView['route']
  readonly rttMs: number | null
  readonly lossPct: number
  /** How the direct connection reaches the other side, while there is one. */
  readonly path: Path | null
  readonly routes: Readonly<Record<'direct' | 'relay', RouteFigures>>
  readonly jitterMs: number
  readonly bufferMs: number
  readonly kbpsUp: number
  readonly kbpsDown: number
  readonly framesLost: number
  readonly framesConcealed: number
  readonly underruns: number
  readonly levelIn: number
  readonly levelOut: number
}

/** Turns running totals into rates from one look to the next. */
export class StatsMeter {
  #at: number
  #up = 0
  #down = 0

  constructor(private readonly now: () => number) {
    this.#at = now()
  }

  take(route: CallView['route'], path: Path | null, figures: SessionFigures, audio: AudioStats): CallStats {
    const at = this.now()
    const elapsed = Math.max(1, at - this.#at)
    // A new session counts from zero again.
    const rate = (bytes: number, before: number) => round((8 * Math.max(0, bytes - before)) / elapsed)
    const stats: CallStats = {
      route,
      rttMs: wholeMs(figures.rttMs),
      lossPct: figures.lossPct,
      path,
      routes: { direct: ofRoute(figures.routes.direct), relay: ofRoute(figures.routes.relay) },
      jitterMs: round(audio.jitterMs),
      bufferMs: round(audio.bufferMs),
      kbpsUp: rate(figures.bytesUp, this.#up),
      kbpsDown: rate(figures.bytesDown, this.#down),
      framesLost: audio.framesLost,
      framesConcealed: audio.framesConcealed,
      underruns: audio.underruns,
      levelIn: round(audio.levelIn),
      levelOut: round(audio.levelOut),
    }
    this.#at = at
    this.#up = figures.bytesUp
    this.#down = figures.bytesDown
    return stats
  }
}

function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

function ofRoute({ rttMs, lossPct }: RouteFigures): RouteFigures {
  return { rttMs: wholeMs(rttMs), lossPct }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
