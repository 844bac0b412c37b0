/**
 * The recording of a call: what was said here and what was played here, on one time line, the clock's. So both stay where
 * they belong, however long the call, and however fast the clocks of the two devices run.
 */
import { FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from './codec.js'
import type { CallListener } from './in-process-audio.js'

/** So much waits at most until both sides are there, samples: 5 s. One that stands still for so long is silent. */
const WINDOW = 5_000 * SAMPLES_PER_MS
/** Sound that comes so far from its place is put there at once, samples: 200 ms. */
const FAR = 200 * SAMPLES_PER_MS
/** And what is this far off for so many blocks in a row, samples: 50 ms. Once or twice it is only a program that is late. */
const JUMP = 50 * SAMPLES_PER_MS
const STAYS = 10
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
  /** Blocks in a row that were off. */
  #off = 0
  /** What comes next goes where it should, after this: there was only silence in between. */
  #isFresh = true
  #soundEnd = 0

  /** Where sound goes that should be at `due`: behind the last, or, after silence or far off, there. */
  place(due: number): number {
    const distance = due - this.end
    this.#off = Math.abs(distance) > JUMP ? this.#off + 1 : 0
    if (!this.#isFresh && Math.abs(distance) <= FAR && this.#off < STAYS) {
      if (this.#off === 0) this.#behind += (distance - this.#behind) / SMOOTH
      return this.end
    }
    const least = this.#isFresh ? this.#soundEnd : 0
    this.#isFresh = false
    this.#off = 0
    this.#behind = 0
    return Math.max(least, due)
  }

  /**
   * Takes a block at that place; what lies before `done` comes too late. A sample more or less in a block is not heard; at 10 ms
   * a block it makes good for a clock that is 0.2 % off.
   */
  take(block: Int16Array, place: number, done: number): void {
    this.end = place
    this.#put(block, done)
    this.end += block.length
    if (this.#behind > NEAR) {
      this.#put(block.subarray(-1), done)
      this.end++
    } else if (this.#behind < -NEAR) this.end--
    this.#soundEnd = this.end
  }

  /** Silence up to there, if that is on: of many together, as a late program tells them, the last alone counts. */
  rest(end: number): void {
    this.end = Math.max(this.end, end)
    this.#isFresh = true
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
    const due = Math.round((atMs - this.#startedAt) * SAMPLES_PER_MS)
    const place = block ? track.place(due) : due
    // Room for one sample more: a side that is further than that behind is silent there.
    this.#handOut(place + length + 1 - WINDOW, 1)
    if (block) track.take(block, place, this.#done)
    else track.rest(place + length)
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
