/** Notices when the sound has become poor for good, or good again; seldom, since each time is a sentence. */
import { average, QualityMeter, qualityWord } from './quality.js'
import type { CallStats } from './stats.js'

/** So many seconds are judged together. */
const SECONDS = 10

export class QualityWatch {
  readonly #meter = new QualityMeter()
  #poor = false

  /** Takes the figures of each second; gives what it is now where that is news. Silence is told otherwise, and no matter here. */
  take(stats: CallStats, view: { silent: boolean; peerMuted: boolean }, now: number): 'poor' | 'good' | null {
    this.#meter.take(stats, { silent: false, peerMuted: view.peerMuted || view.silent }, now)
    if (this.#meter.history.length < SECONDS) return null
    const quality = average(this.#meter.history, SECONDS)
    if (quality === null) return null
    const word = qualityWord(quality)
    // What is fair is news to nobody.
    if (word === 'fair' || (word === 'poor') === this.#poor) return null
    this.#poor = word === 'poor'
    return word
  }
}
