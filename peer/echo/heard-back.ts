/** Whether what was said came back, by the two levels of the one who says it. */
import { SILENCE_DB } from '../audio/level.js'
import { BIN_MS, lagOf, Rises } from './rises.js'

/** An echo comes so much later, ms. */
const LEAST_MS = 500
const MOST_MS = 5_000
/** What is louder was said, or heard, dBFS; a quiet room with an open microphone is below. */
const AUDIBLE_DB = -60

export interface HeardBackFigures {
  /** The loudest moment of the microphone and of the speaker, dBFS; -100 is silence. */
  readonly saidDb: number
  readonly backDb: number
  /** How much later it was heard than said, ms; null: nothing was, or it was too even to tell. */
  readonly delayMs: number | null
}

export type HeardBackVerdict = 'heardBack' | 'notHeardBack' | 'nothingSaid'

/** Looks at the levels often: its delay is as exact as that. */
export class HeardBack {
  #saidDb = SILENCE_DB
  #backDb = SILENCE_DB
  #saidAt: number | null = null
  #backAt: number | null = null
  readonly #said = new Rises()
  readonly #back = new Rises()

  /** The levels at `now` (ms), as AudioStats has them. */
  note(now: number, levelIn: number, levelOut: number): void {
    this.#saidDb = Math.max(this.#saidDb, levelIn)
    this.#backDb = Math.max(this.#backDb, levelOut)
    this.#said.note(now, levelIn)
    this.#back.note(now, levelOut)
    if (levelIn > AUDIBLE_DB) this.#saidAt ??= now
    // What is heard before anything was said is no echo.
    if (levelOut > AUDIBLE_DB && this.#saidAt !== null) this.#backAt ??= now
  }

  get figures(): HeardBackFigures {
    const lag = lagOf(this.#said.each, this.#back.each, LEAST_MS / BIN_MS, MOST_MS / BIN_MS)
    const delayMs = this.verdict === 'heardBack' && lag !== null ? lag * BIN_MS : null
    return { saidDb: round(this.#saidDb), backDb: round(this.#backDb), delayMs }
  }

  get verdict(): HeardBackVerdict {
    if (this.#saidAt === null) return 'nothingSaid'
    return this.#backAt === null ? 'notHeardBack' : 'heardBack'
  }
}

function round(db: number): number {
  return Math.round(db * 10) / 10
}
