/** Whether what was said came back, by the two levels of the one who says it. */
import { SILENCE_DB } from '../audio/level.js'

/** What is louder was said, or heard, dBFS; a quiet room with an open microphone is below. */
const AUDIBLE_DB = -60

export interface HeardBackFigures {
  /** The loudest moment of the microphone and of the speaker, dBFS; -100 is silence. */
  readonly saidDb: number
  readonly backDb: number
  /** From the first that was said to the first that was heard, ms; null: nothing was said or heard. */
  readonly delayMs: number | null
}

export type HeardBackVerdict = 'heardBack' | 'notHeardBack' | 'nothingSaid'

/** Looks at the levels often: its delay is as exact as that. */
export class HeardBack {
  #saidDb = SILENCE_DB
  #backDb = SILENCE_DB
  #saidAt: number | null = null
  #backAt: number | null = null

  /** The levels at `now` (ms), as AudioStats has them. */
  note(now: number, levelIn: number, levelOut: number): void {
    this.#saidDb = Math.max(this.#saidDb, levelIn)
    this.#backDb = Math.max(this.#backDb, levelOut)
    if (levelIn > AUDIBLE_DB) this.#saidAt ??= now
    // What is heard before anything was said is no echo.
    if (levelOut > AUDIBLE_DB && this.#saidAt !== null) this.#backAt ??= now
  }

  get figures(): HeardBackFigures {
    const [said, back] = [this.#saidAt, this.#backAt]
    const delayMs = said === null || back === null ? null : Math.round(back - said)
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
