/**
 * The WAV file of a recording, written beside the sound: one write at a time is under way, and the sound waits for none. The
 * sizes in the header are put right after each, so that the file is good whenever the program ends.
 */
import { close, closeSync, fstat, ftruncate, openSync, unlinkSync, write, writeSync } from 'node:fs'
import { AudioProblem } from './audio.js'
import { MAX_WAV_BYTES, WAV_HEADER_BYTES, wavHeader } from './wav.js'

/** More than this waits only for a disk that hangs, bytes: 20 s of two channels. */
const MAX_WAITING = 4_000_000

/** For tests: a disk that fails, and a file that is full soon. */
export interface RecordingLimits {
  /** Writes all of it there, or fails. */
  readonly writeAt?: (fd: number, bytes: Uint8Array, position: number) => Promise<void>
  /** Sound in a file at most, bytes. */
  readonly maxBytes?: number
}

export class RecordingFile {
  readonly #path: string
  readonly #channels: number
  readonly #onEnded: (problem: AudioProblem) => void
  readonly #writeAt: NonNullable<RecordingLimits['writeAt']>
  readonly #maxBytes: number
  #fd: number | null = null
  #waiting: Uint8Array[] = []
  #size = 0
  /** Sound in the file, bytes. */
  #written = 0
  #writing: Promise<void> | null = null

  /** `onEnded`: told once, when it can't be written any more. */
  constructor(path: string, channels: number, onEnded: (problem: AudioProblem) => void, limits: RecordingLimits = {}) {
    this.#path = path
    this.#channels = channels
    this.#onEnded = onEnded
    this.#writeAt = limits.writeAt ?? writeAll
    this.#maxBytes = limits.maxBytes ?? MAX_WAV_BYTES
  }

  /** Throws an AudioProblem when there is something at that path, or it can't be written; leaves nothing behind. */
  check(): void {
    closeSync(this.#create())
    unlinkSync(this.#path)
  }

  /** Makes the file, readable by its owner only. What goes wrong from here on is told to `onEnded`. */
  open(): void {
    try {
      this.#fd = this.#create()
      writeSync(this.#fd, wavHeader(0, this.#channels))
    } catch (error) {
      this.#giveUp(error)
    }
  }

  /** Takes samples, interleaved; they are copied. */
  append(samples: Int16Array): void {
    if (this.#fd === null) return
    this.#waiting.push(new Uint8Array(samples.slice().buffer))
    this.#size += samples.byteLength
    if (this.#size > MAX_WAITING) this.#giveUp(new Error('the disk takes too long'))
    else if (this.#written + this.#size > this.#maxBytes) this.#giveUp(new Error('a WAV file holds no more'))
    else this.#writing ??= this.#drain(this.#fd)
  }

  /** Writes what waits and closes the file; one without a sound is removed. Again: nothing. Never rejects. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing
    const fd = this.#fd
    this.#fd = null
    if (fd === null) return
    if (this.#written === 0) this.#remove()
    close(fd, () => {})
  }

  /** Until nothing waits; then the file is closed, if it was given up meanwhile. */
  async #drain(fd: number): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = Buffer.concat(this.#waiting)
        this.#waiting = []
        this.#size = 0
        await this.#writeAt(fd, bytes, WAV_HEADER_BYTES + this.#written)
        this.#written += bytes.length
        await this.#writeAt(fd, wavHeader(this.#written / (2 * this.#channels), this.#channels), 0)
        // On some systems a file that was removed can be written on and on.
        if (await isRemoved(fd)) throw new Error('it was removed')
      }
    } catch (error) {
      if (this.#fd !== null) this.#giveUp(error)
      // Half a portion is no sound: the file holds what its header says.
      ftruncate(fd, WAV_HEADER_BYTES + this.#written, () => close(fd, () => {}))
      this.#writing = null
      return
    }
    this.#writing = null
    if (this.#fd === null) close(fd, () => {})
  }

  #create(): number {
    try {
      return openSync(this.#path, 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new AudioProblem(
          'cannotWrite',
          `The recording ${this.#path} cannot be written: ${reasonOf(error)}.`,
          'Name another file with --record.',
        )
      throw new AudioProblem(
        'fileExists',
        `${this.#path} exists already, and a recording overwrites nothing.`,
        'Name another file with --record, or move that one away.',
      )
    }
  }

  #remove(): void {
    try {
      unlinkSync(this.#path)
    } catch {
      // It is gone, or stays as it is: a file of no length.
    }
  }

  #giveUp(error: unknown): void {
    const fd = this.#fd
    this.#fd = null
    this.#waiting = []
    this.#size = 0
    // A file that is closed under a write would hand its number to another.
    if (fd !== null && this.#writing === null) close(fd, () => {})
    const why = error instanceof AudioProblem ? error.message.replace(/\.$/, '') : reasonOf(error)
    this.#onEnded(
      new AudioProblem(
        'recordingEnded',
        `The recording ${this.#path} has ended, the call goes on: ${why}.`,
        'What was recorded until now is in the file.',
      ),
    )
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, position, (error, count) => {
      if (error) reject(error)
      else if (count === bytes.length) resolve()
      else resolve(writeAll(fd, bytes.subarray(count), position + count))
    })
  })
}

function isRemoved(fd: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    fstat(fd, (error, stats) => (error ? reject(error) : resolve(stats.nlink === 0)))
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the file may not grow any more',
  EIO: 'the disk fails',
  ESTALE: 'its folder is gone',
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? (code || message)
}
