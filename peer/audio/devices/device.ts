/** A microphone and a speaker as the recorder and the player see them: 48 kHz, one channel, 16 bit. */
import type { AudioProblem } from '../audio.js'

interface Device {
  /** How it is chosen. */
  readonly name: string
  /** What a person calls it, if that is something else. */
  readonly label?: string
  /** Called when the sound system connects it to another device because a person there wants so; `name` has changed. */
  onMoved?: () => void
  /** Finds out whether it can be used, without a sound. Rejects with an AudioProblem. */
  prepare(): Promise<void>
  /** Gives it back. May be called at any time, and twice. */
  close(): Promise<void>
}

export interface Microphone extends Device {
  /**
   * Begins. `onBlock` gets samples as they come, in blocks of any size, to be read before it returns. `onLost` is called
   * at most once, when the device goes away by itself; after a problem named `deviceLost` it may be opened again, and is
   * then the same device or none. Resolves to the moment of the first sample, by the clock; rejects with an AudioProblem.
   */
  open(onBlock: (samples: Int16Array) => void, onLost: (problem: AudioProblem) => void): Promise<number>
}

export interface Speaker extends Device {
  /**
   * Begins. `pull` fills each block that is to be played next, all of it. `onLost` as above. Resolves to the moment at
   * which the first sample was pulled, by the clock; rejects with an AudioProblem.
   */
  open(pull: Pull, onLost: (problem: AudioProblem) => void): Promise<number>
  /** Sound that was pulled and isn't heard yet, ms. */
  readonly latencyMs: number
  /** Times that it had nothing to play. */
  readonly underruns: number
}

/**
 * Fills a block. `dueMs` is when this block was due, by the clock: evenly spaced while the device plays evenly, also when
 * the program was late and pulls several at once; later when the device itself stood still.
 */
export type Pull = (samples: Int16Array, dueMs: number) => void

/** Samples in a block of a device that may choose: 10 ms. */
export const BLOCK_SAMPLES = 480
export const BLOCK_MS = 10
