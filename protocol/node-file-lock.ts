/**
 * A lock between programs: a file that only one of them can make. It says whose it is, so that what a killed program left does not
 * stay locked. Own code: libraries for it go by the file's age alone, and a program that slept loses its lock.
 */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, unlinkSync, utimes, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { ownMark, type ProcessMark, stillRuns } from './node-process-mark.js'

/** How long someone else's lock is waited for, ms. */
const WAIT_MS = 2_000
/** How often it is tried again, standing still or not, ms. */
const AGAIN_MS = 5
const AGAIN_LATER_MS = 50
/** A lock that is held for long is touched so often, ms ... */
const TOUCH_MS = 5_000
/** ... and counts as left behind when it was not for so long, if nothing better is known of its holder, ms. */
const LEFT_MS = 15_000

const content = z.object({ where: z.string(), pid: z.number(), began: z.string().nullable() })

/** A lock that is held. */
export class FileLock {
  #touching: NodeJS.Timeout | undefined

  constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  /** Shows that it is still held, from now on, also to those who can't look at this process. Keeps no program running. */
  keep(): this {
    this.#touching = setInterval(() => {
      const now = new Date()
      utimes(this.path, now, now, () => {})
    }, TOUCH_MS).unref()
    return this
  }

  release(): void {
    clearInterval(this.#touching)
    if (holderOf(this.path)?.text === this.text) tryToRemove(this.path)
  }
}

/** The lock at `path` is another program's, and stayed it. `pid`: which, where that is known. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld'

  constructor(
    readonly path: string,
    readonly pid: number | null,
  ) {
    super(`"${path}" is held by ${pid === null ? 'another program' : `process ${pid}`}`)
  }
}

/**
 * Runs `work` under the lock at `path`, in a folder that is there. Such locks are held for milliseconds, so this waits for one by
 * standing still, `waitMs` at most. Throws a LockHeld, what Node throws for files, and what `work` throws.
 */
export function underFileLock<T>(path: string, work: () => T, waitMs = WAIT_MS): T {
  const until = performance.now() + waitMs
  let lock = tryFileLock(path)
  while (lock === null) {
    if (performance.now() >= until) throw new LockHeld(path, holderOf(path)?.mark?.pid ?? null)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS)
    lock = tryFileLock(path)
  }
  try {
    return work()
  } finally {
    lock.release()
  }
}

/**
 * Takes the lock at `path` for as long as a program runs, and does not stand still meanwhile. Who is seen to run is given two
 * seconds to end; a holder that can't be seen (it ran in a container that is gone) 15 s to show itself. Rejects with a LockHeld.
 */
export async function holdFileLock(path: string): Promise<FileLock> {
  for (let waitedMs = 0; ; waitedMs += AGAIN_LATER_MS) {
    const lock = tryFileLock(path)
    if (lock) return lock.keep()
    const mark = holderOf(path)?.mark ?? null
    const seen = mark !== null && stillRuns(mark) === true
    if (waitedMs >= (seen ? WAIT_MS : LEFT_MS + WAIT_MS)) throw new LockHeld(path, mark?.pid ?? null)
    await sleep(AGAIN_LATER_MS)
  }
}

/** One attempt; null while another program holds it. Throws what Node throws for files. */
export function tryFileLock(path: string): FileLock | null {
  // Three: it may be released, or a dead one's be removed, between two looks.
  for (let attempt = 0; attempt < 3; attempt++) {
    const text = JSON.stringify({ ...ownMark, token: randomBytes(8).toString('hex') })
    if (make(path, text)) return new FileLock(path, text)
    const holder = holderOf(path)
    if (holder && !(isDead(holder) && removeDead(path, holder.text))) return null
  }
  return null
}

interface Holder {
  readonly text: string
  readonly touchedMs: number
  /** Null: it says nothing that can be read, or not all of it yet. */
  readonly mark: ProcessMark | null
}

/** False when there is one. (Hard links would show no lock half written, and not every file system has them.) */
function make(path: string, text: string): boolean {
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    writeFileSync(file, text)
    return true
  } catch (error) {
    tryToRemove(path)
    throw error
  } finally {
    closeSync(file)
  }
}

/** Null: there is no lock. Time and text are those of one file, whatever takes its place meanwhile. */
function holderOf(path: string): Holder | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const text = readFileSync(file, 'utf8')
    return { text, touchedMs: fstatSync(file).mtimeMs, mark: markOf(text) }
  } finally {
    closeSync(file)
  }
}

function markOf(text: string): ProcessMark | null {
  try {
    return content.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function isDead({ mark, touchedMs }: Holder): boolean {
  const runs = mark && stillRuns(mark)
  return runs === null ? Date.now() - touchedMs > LEFT_MS : !runs
}

/**
 * Removes the lock of a dead holder. Two who saw it dead must not both do that, or the later one would remove the new lock of the
 * earlier one: so it is done under a lock of its own, named after the dead one, whose holder may be dead in turn.
 */
function removeDead(path: string, text: string): boolean {
  const claim = tryFileLock(`${path}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`)
  if (!claim) return false
  try {
    const holder = holderOf(path)
    if (holder?.text === text && isDead(holder)) unlinkSync(path)
    return true
  } finally {
    claim.release()
  }
}

function tryToRemove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Somebody removed it by hand.
  }
}
