/**
 * What a program remembers: one JSON value in a file, for its owner's eyes alone. Written whole or not at all, and changed under a
 * lock, so that two programs of one person never lose each other's change. What is damaged is explained and left as it is.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type * as z from 'zod'
import { realTarget, writeAtomically, writeAtomicallyLater } from './node-atomic-write.js'
import { LockHeld, underFileLock } from './node-file-lock.js'
import { fileReason } from './node-file-reason.js'
import { StateProblem } from './node-state-problem.js'

/** Far more than anyone's state, bytes: what is larger is something else. */
const MAX_BYTES = 64 * 1024 * 1024

/** All methods throw a StateProblem. */
export class StateFile<T> {
  /** `cure`: what a person can do when it is damaged, a sentence. */
  constructor(
    readonly path: string,
    private readonly schema: z.ZodType<T>,
    private readonly cure: string,
  ) {}

  /** Null: there is none yet. Needs no lock: a file is always whole. */
  read(): T | null {
    let bytes: Buffer
    try {
      bytes = readFileSync(this.path)
    } catch (error) {
      if (this.#isAbsent(error)) return null
      throw unusable(this.path, 'read', error)
    }
    return this.parse(bytes)
  }

  /** Replaces what is there by what `change` makes of it, and gives that back. Nothing is written when it gives back the same object. */
  update(change: (now: T | null) => T): T {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
      const path = realTarget(this.path)
      return underFileLock(`${path}.lock`, () => {
        const now = this.read()
        const next = change(now)
        if (next !== now) writeAtomically(path, textOf(next))
        return next
      })
    } catch (error) {
      throw this.#explained(error)
    }
  }

  /** For the one program that holds a lock on all of it while it runs (holdFileLock): writes without keeping it waiting. */
  async write(value: T): Promise<void> {
    try {
      await writeAtomicallyLater(realTarget(this.path), textOf(value))
    } catch (error) {
      throw this.#explained(error)
    }
  }

  /** What a file of these bytes holds. */
  parse(bytes: Uint8Array): T {
    if (bytes.length > MAX_BYTES) throw this.#damaged('it is far too long')
    let json: unknown
    try {
      json = JSON.parse(Buffer.from(bytes).toString('utf8'))
    } catch {
      throw this.#damaged('it is not JSON, or cut off')
    }
    const parsed = this.schema.safeParse(json)
    if (parsed.success) return parsed.data
    const at = parsed.error.issues[0]?.path.join('.')
    throw this.#damaged(`${at ? `"${at.slice(0, 60)}" in it is` : 'it is'} not in the form that this version writes`)
  }

  /** A link that leads nowhere is not absent: what is behind it may be back tomorrow. */
  #isAbsent(error: unknown): boolean {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false
    return !isLink(this.path) && !(isLink(dirname(this.path)) && !existsSync(dirname(this.path)))
  }

  #damaged(what: string): StateProblem {
    return new StateProblem(
      'damagedState',
      `The file ${this.path} is damaged: ${what}. It is left as it is.`,
      this.cure,
    )
  }

  #explained(error: unknown): unknown {
    if (error instanceof LockHeld) {
      const who = error.pid === null ? 'Another program' : `Another program (process ${error.pid})`
      return new StateProblem(
        'lockedState',
        `${who} keeps the file ${this.path} locked.`,
        `End that program; if it is none of VoiceChat's, remove ${error.path}.`,
      )
    }
    return isFileError(error) ? unusable(this.path, 'written', error) : error
  }
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/** Whether there is a link at `path`, wherever it leads. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

function unusable(path: string, what: 'read' | 'written', error: unknown): StateProblem {
  return new StateProblem(
    'unusableState',
    `The file ${path} cannot be ${what}: ${fileReason(error)}.`,
    'Make that file and its folder yours and writable, with room on the disk.',
  )
}
