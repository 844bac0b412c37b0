/**
 * The recording of a call: what was said here and what was played here, on one time line, the clock's. So both stay where
 * they belong, however long the call, and however fast the clocks of the two devices run.
 */
import { FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import type { CallListener } from './in-process-audio.js'

/** So much waits at most until both sides are there, samples: 5 s. One that stands still for so long is silent. */
const WINDOW = 5_000 * SAMPLES_PER_MS
/** Sound that comes further from its place than this is put there at once, samples: 50 ms. Nearer, it is led there. */
const JUMP = 50 * SAMPLES_PER_MS
/** It is led there as long as it is further off than this, samples: 4 ms. */
const NEAR = 4 * SAMPLES_PER_MS
/** Devices give and take unevenly: the distance is averaged over so many blocks. */
const SMOOTH = 64
/** What is handed out at once, samples: 0.5 s. */
const PORTION = 500 * SAMPLES_PER_MS

/** `stereo`: our side left, the other side right. `mixed`: both in one channel. */
export type RecordingForm = 'stereo' | 'mixed'

export function channelsOf(form: RecordingForm): number {
  return form === 'stereo' ? 2 : 1
}

/** One side. Places are counted in samples since the start. */
class Track {
  readonly samples = new Int16Array(WINDOW)
  /** Where it has come to. */
  end = 0
  /** How far it is behind its place, on average; ahead if negative. */
  #behind = 0

  /** Where the next block goes, which should be at `due`: behind the last one, or there if that is far off. */
  next(due: number): number {
    if (this.end === 0 || Math.abs(due - this.end) > JUMP) {
      this.end = Math.max(0, due)
      this.#behind = 0
    } else this.#behind += (due - this.end - this.#behind) / SMOOTH
    return this.end
  }

  /**
   * Takes `length` samples at `end`; null: silence. What lies before `done` comes too late. A sample more or less in a block is not
   * heard; at 10 ms a block it makes good for a clock that is 0.2 % off.
   */
  take(block: Int16Array | null, length: number, done: number): void {
    if (block) this.#put(block, done)
    this.end += length
    if (this.#behind > NEAR) {
      if (block) this.#put(block.subarray(-1), done)
      this.end++
    } else if (this.#behind < -NEAR) this.end--
  }

  #put(block: Int16Array, done: number): void {
    for (let i = Math.max(0, done - this.end); i < block.length; i++) this.samples[(this.end + i) % WINDOW] = block[i]!
  }
}

export class Recording implements CallListener {
  readonly #form: RecordingForm
  readonly #write: (samples: Int16Array) => void
  readonly #said = new Track()
  readonly #played = new Track()
  #startedAt = 0
  /** All before this place was handed out. */
  #done = 0

  /** `write` gets samples in order, interleaved, to be read before it returns; at most half a second each. */
  constructor(form: RecordingForm, write: (samples: Int16Array) => void) {
    this.#form = form
    this.#write = write
  }

  start(atMs: number): void {
    this.#startedAt = atMs
  }

  said(frame: Int16Array | null, takenMs: number): void {
    this.#add(this.#said, frame, FRAME_SAMPLES, takenMs - FRAME_MS)
  }

  played(block: Int16Array, dueMs: number): void {
    this.#add(this.#played, block, block.length, dueMs)
  }

  /** Hands out all that is there; what one side has not is silence. */
  end(): void {
    this.#handOut(Math.max(this.#said.end, this.#played.end), 1)
  }

  #add(track: Track, block: Int16Array | null, length: number, atMs: number): void {
    const end = track.next(Math.round((atMs - this.#startedAt) * SAMPLES_PER_MS)) + length
    // Room for one sample more: a side that is further than that behind is silent there.
    this.#handOut(end + 1 - WINDOW, 1)
    track.take(block, length, this.#done)
    this.#handOut(Math.min(this.#said.end, this.#played.end), PORTION)
  }

  /** Hands out up to `end`, if that is at least so much. */
  #handOut(end: number, least: number): void {
    if (end - this.#done < least) return
    const channels = channelsOf(this.#form)
    const [left, right] = [this.#said.samples, this.#played.samples]
    while (this.#done < end) {
      const count = Math.min(PORTION, end - this.#done)
      const out = new Int16Array(count * channels)
      for (let i = 0; i < count; i++) {
        const at = (this.#done + i) % WINDOW
        if (channels === 2) {
          out[2 * i] = left[at]!
          out[2 * i + 1] = right[at]!
        } else out[i] = Math.max(-32768, Math.min(32767, left[at]! + right[at]!))
        left[at] = 0
        right[at] = 0
      }
      this.#done += count
      this.#write(out)
    }
  }
}
