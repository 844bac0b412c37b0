/** Level meters: a bar of dBFS. */
import { SILENCE_DB } from '../../audio/level.js'
import type { Glyphs } from './glyphs.js'
import { type Line, type Span, type Style, span } from './line.js'

/** The left end of the scale, dBFS; the right end is 0. */
export const FLOOR_DB = -60
/** From here on speech is rather loud, and from here on too loud: RMS, dBFS. */
const RAISED_DB = -15
export const LOUD_DB = -6
/** The highest level of late stays for so long, ms. */
const HOLD_MS = 1_500

/** `cells` columns: the level, and a mark at the highest of late; both dBFS. */
export function meter(db: number, peakDb: number, cells: number, glyphs: Glyphs): Line {
  const halves = Math.round(2 * cells * shareOf(db))
  const peakCell = peakDb <= FLOOR_DB ? -1 : Math.min(cells - 1, Math.floor(cells * shareOf(peakDb)))
  const spans: Span[] = []
  for (let i = 0; i < cells; i++) {
    const lit = halves - 2 * i
    const style = zone(FLOOR_DB * (1 - i / cells))
    if (lit >= 2) spans.push(span(glyphs.full, style))
    else if (i === peakCell) spans.push(span(glyphs.peak, style))
    else if (lit === 1) spans.push(span(glyphs.half, style))
    else spans.push(span(glyphs.empty, 'dim'))
  }
  return spans
}

/** The level in six columns. */
export function levelText(db: number): Span {
  if (db < FLOOR_DB) return span(' quiet', 'dim')
  if (db >= LOUD_DB) return span('  LOUD', 'bad')
  return span(`${Math.round(db)} dB`.padStart(6), 'dim')
}

function shareOf(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB))
}

function zone(db: number): Style {
  if (db >= LOUD_DB) return 'bad'
  return db >= RAISED_DB ? 'warn' : 'good'
}

/** The highest level of the last moments. */
export class PeakHold {
  #db = SILENCE_DB
  #at = Number.NEGATIVE_INFINITY

  /** Takes a level (dBFS) at `now` (ms); gives the peak. */
  take(db: number, now: number): number {
    if (db >= this.#db || now - this.#at > HOLD_MS) {
      this.#db = db
      this.#at = now
    }
    return this.#db
  }
}
