/** The file of `--inspect`: JSON lines of what the statechart went through, written beside the call. */
import { closeSync, fstatSync, openSync, statSync, write, writeSync } from 'node:fs'
import { VERSION } from '../../protocol/node-package.js'
import type { InspectionHeader, InspectionLine } from '../call/inspection.js'
import { EXIT } from './exit-codes.js'
import type { Problem } from './output.js'
import { CommandProblem } from './problem.js'

/** Lines wait so long for others, ms, so that a busy moment is one write. */
const GATHER_MS = 100
/** More than this waits only for a disk that hangs, bytes. */
const MAX_WAITING = 4_000_000

export class InspectFile {
  readonly version = VERSION
  /** Told once, when lines can't be written any more; the call goes on. */
  onProblem: (problem: Problem) => void = () => {}
  readonly #fd: number
  readonly #path: string
  #waiting: string[] = []
  #size = 0
  /** What the system was handed and has not confirmed, and where in the file it belongs. */
  #underWay: Buffer = Buffer.alloc(0)
  #position = 0
  #timer: NodeJS.Timeout | undefined
  #open = true

  /** Makes the file, or empties it. Only its owner may read it. Throws a CommandProblem. */
  constructor(path: string) {
    this.#path = path
    try {
      // Opening a pipe would wait for its reader.
      if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error('it is not a file')
      this.#fd = openSync(path, 'w', 0o600)
      if (!fstatSync(this.#fd).isFile()) throw new Error('it is not a file')
    } catch (error) {
      const { message, hint } = this.#cannot(error)
      throw new CommandProblem('inspectFile', message, hint, EXIT.usage)
    }
    process.once('exit', this.close)
  }

  readonly write = (line: InspectionHeader | InspectionLine): void => {
    if (!this.#open) return
    const text = `${JSON.stringify(line)}\n`
    this.#waiting.push(text)
    this.#size += text.length
    if (this.#size > MAX_WAITING) return this.#giveUp(new Error('it takes too long'))
    this.#timer ??= setTimeout(this.#flush, GATHER_MS).unref()
  }

  /** Writes what still waits, before it returns: the program may end right after. Again: nothing. */
  readonly close = (): void => {
    if (!this.#open) return
    process.off('exit', this.close)
    clearTimeout(this.#timer)
    // What is under way is written once more, to the same place: a program that ends doesn't wait for the first time.
    let rest = Buffer.concat([this.#underWay, this.#take()])
    try {
      while (rest.length > 0) {
        const written = writeSync(this.#fd, rest, 0, rest.length, this.#position)
        this.#position += written
        rest = rest.subarray(written)
      }
    } catch (error) {
      return this.#giveUp(error)
    }
    this.#end()
  }

  readonly #flush = (): void => {
    this.#timer = undefined
    if (!this.#open || this.#underWay.length > 0) return
    this.#underWay = this.#take()
    this.#push()
  }

  #push(): void {
    const bytes = this.#underWay
    if (bytes.length === 0) {
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(this.#flush, GATHER_MS).unref()
      return
    }
    write(this.#fd, bytes, 0, bytes.length, this.#position, (error, written) => {
      if (!this.#open) return this.#closeFile()
      if (error) {
        this.#underWay = Buffer.alloc(0)
        return this.#giveUp(error)
      }
      this.#position += written
      this.#underWay = bytes.subarray(written)
      this.#push()
    })
  }

  #take(): Buffer {
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#size = 0
    return bytes
  }

  #giveUp(error: unknown): void {
    clearTimeout(this.#timer)
    this.#waiting = []
    this.#end()
    this.onProblem({ name: 'inspectFile', ...this.#cannot(error) })
  }

  #end(): void {
    this.#open = false
    process.off('exit', this.close)
    // A file that is closed under a write would hand its number to another.
    if (this.#underWay.length === 0) this.#closeFile()
  }

  #closeFile(): void {
    try {
      closeSync(this.#fd)
    } catch {
      // Nothing more is to be lost.
    }
  }

  #cannot(error: unknown): { message: string; hint: string } {
    const { code, message } = error as NodeJS.ErrnoException
    return {
      message: `The file ${this.#path} of --inspect cannot be written (${code ?? message}).`,
      hint: 'Name a file in a folder that is yours and has room.',
    }
  }
}
