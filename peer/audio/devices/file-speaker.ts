import { closeSync, openSync, writeSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import type { Clock } from '../../../protocol/clock.js'
import { AudioProblem } from '../audio.js'
import { SAMPLES_PER_MS } from '../codec.js'
import { WAV_HEADER_BYTES, wavHeader } from '../wav.js'
import { BLOCK_MS, BLOCK_SAMPLES, type Pull, type Speaker } from './device.js'
import { Pacer } from './pacer.js'

/** Blocks between two writes: 100 ms. */
const BLOCKS_A_WRITE = 10

/**
 * A speaker that is a WAV file, in real time from `open` on. Sound is written first, the header's sizes after it, ten
 * times a second: the file is valid whenever the program ends, and short of what was played by at most that.
 */
export class FileSpeaker implements Speaker {
  readonly name: string
  readonly latencyMs = 0
  readonly underruns = 0
  readonly #path: string
  readonly #clock: Clock
  readonly #blocks = new Int16Array(BLOCK_SAMPLES * BLOCKS_A_WRITE)
  #filled = 0
  #written = 0
  #startedAt = 0
  #file: number | null = null
  #pacer: Pacer | null = null
  #pull: Pull = () => {}
  #onLost: (problem: AudioProblem) => void = () => {}

  constructor(path: string, clock: Clock) {
    this.name = `file:${path}`
    this.#path = path
    this.#clock = clock
  }

  /** Opens the file for a moment, and leaves it as it was. */
  async prepare(): Promise<void> {
    try {
      closeSync(openSync(this.#path, 'wx'))
      await unlink(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw this.#problem(error)
      try {
        closeSync(openSync(this.#path, 'r+'))
      } catch (other) {
        throw this.#problem(other)
      }
    }
  }

  async open(pull: Pull, onLost: (problem: AudioProblem) => void): Promise<number> {
    this.#pull = pull
    this.#onLost = onLost
    try {
      this.#file = openSync(this.#path, 'w')
      writeSync(this.#file, wavHeader(0), 0, WAV_HEADER_BYTES, 0)
    } catch (error) {
      throw this.#problem(error)
    }
    this.#pacer = new Pacer(this.#clock, BLOCK_MS, dueMs => this.#play(BLOCK_SAMPLES, dueMs))
    this.#startedAt = this.#pacer.start()
    return this.#startedAt
  }

  async close(): Promise<void> {
    if (this.#file === null) return
    this.#pacer?.catchUp()
    this.#pacer?.stop()
    const played = Math.round((this.#clock.now() - this.#startedAt) * SAMPLES_PER_MS)
    const rest = played - this.#written - this.#filled
    if (rest > 0) this.#play(Math.min(rest, BLOCK_SAMPLES), this.#clock.now())
    this.#write()
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #play(samples: number, dueMs: number): void {
    if (this.#filled + samples > this.#blocks.length) this.#write()
    this.#pull(this.#blocks.subarray(this.#filled, this.#filled + samples), dueMs)
    this.#filled += samples
    if (this.#filled === this.#blocks.length) this.#write()
  }

  #write(): void {
    if (this.#file === null) return
    try {
      writeAll(
        this.#file,
        new Uint8Array(this.#blocks.buffer, 0, 2 * this.#filled),
        WAV_HEADER_BYTES + 2 * this.#written,
      )
      this.#written += this.#filled
      this.#filled = 0
      writeAll(this.#file, wavHeader(this.#written), 0)
    } catch (error) {
      this.#pacer?.stop()
      closeSync(this.#file)
      this.#file = null
      this.#onLost(this.#problem(error))
    }
  }

  #problem(error: unknown): AudioProblem {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    const reasons: Record<string, string> = {
      ENOENT: 'its folder does not exist',
      ENOTDIR: 'its folder does not exist',
      EACCES: 'no permission',
      EPERM: 'no permission',
      EROFS: 'the disk is read-only',
      EISDIR: 'it is a folder',
      ENOSPC: 'the disk is full',
    }
    const hint = 'Choose another file with --speaker file:PATH.wav, or use --speaker none.'
    return new AudioProblem('cannotWrite', `${this.#path} cannot be written: ${reasons[code] ?? code}.`, hint)
  }
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done)
}
