import type { CallView } from '../../call/view.js'
import type { Invitation } from '../one-time/invitation.js'
import type { QualityMeter } from '../quality.js'
import type { Names } from '../sentences.js'
import type { CallStats } from '../stats.js'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** dBFS. */
export interface Level {
  readonly now: number
  readonly peak: number
}

/** All that the screen shows. */
export interface Shown {
  readonly view: CallView
  readonly names: Names
  /** Null until there are figures. */
  readonly stats: CallStats | null
  /** Null unless the other side of a one-time call has to be told how to join. */
  readonly invitation: Invitation | null
  /** How long they have talked, or how long it took until now, ms. */
  readonly elapsedMs: number
  readonly own: Level
  readonly other: Level
  /** The microphone is open and has given digital silence for a while. */
  readonly noSound: boolean
  readonly quality: QualityMeter
  /** Of what is heard, percent. */
  readonly volume: number
}
