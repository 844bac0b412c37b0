import { LossMeter } from './loss-meter.js'

/** A route that carried nothing for so many frames was not in use: they are no loss of its. */
const UNUSED_FRAMES = 50

export interface RouteFigures {
  /** Round trip between the peers over this route, ms, the newest that was measured; null: it was not. */
  readonly rttMs: number | null
  /** Voice frames that were sent on it and never came here, since the last look, %. */
  readonly lossPct: number
}

/** How good one route is, whether it carries the voice now or did so before. */
export class RouteMeter {
  #loss = new LossMeter()
  #highest = 0
  #rttMs: number | null = null

  /** A voice frame at this position of its chain came on it. */
  note(order: number): void {
    if (order > this.#highest + UNUSED_FRAMES) this.#loss = new LossMeter()
    this.#highest = Math.max(this.#highest, order)
    this.#loss.note(order)
  }

  /** The round trip over this route, ms. */
  measured(rttMs: number): void {
    this.#rttMs = rttMs
  }

  take(): RouteFigures {
    return { rttMs: this.#rttMs, lossPct: this.#loss.take() / 10 }
  }
}
