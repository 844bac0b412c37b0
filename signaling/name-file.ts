/** Keeps the names in a file: `names.json` in the state directory. The server holds that directory's lock while it runs. */
import { join } from 'node:path'
import { StateFile } from '../protocol/node-state-file.js'
import { reasonOf } from '../protocol/reason.js'
import { type Names, type SavedNames, savedNames } from './names.js'

/** Changes for which nobody waits are saved this much later, ms, together. */
const SAVE_MS = 1000
/** After a save comes a pause so many times as long as it took, up to SAVE_MS: the disk and the processor have other work. */
const PAUSES = 20

export class NameFile {
  readonly #file: StateFile<SavedNames>
  readonly #names: Names
  readonly #onProblem: (message: string) => void
  #timer: NodeJS.Timeout | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #restUntil = 0
  #changed = false
  #waiting: (() => void)[] = []
  #saving: Promise<void> | null = null

  /**
   * Loads the names, and saves changes from then on. Throws a StateProblem: a server that went on without its names would give
   * everybody's id to whoever asks first.
   */
  constructor(directory: string, names: Names, onProblem: (message: string) => void) {
    this.#file = nameFile(directory)
    this.#names = names
    this.#onProblem = onProblem
    const saved = this.#file.read()
    if (saved) names.load(saved)
    // Now, not after the first login: a directory that can't be written is no place for state.
    this.#file.update(() => names.save())
    names.onChange = () => {
      this.#changed = true
      this.#saveWithin(SAVE_MS)
    }
  }

  /** Resolves when the names as they are now are on the disk, or could not be written, which has been reported. */
  async saved(): Promise<void> {
    if (!this.#changed) return this.#saving ?? undefined
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve)
      this.#saveWithin(0)
    })
  }

  /** Saves what is not saved yet, and stops saving. */
  async close(): Promise<void> {
    this.#names.onChange = () => {}
    clearTimeout(this.#timer)
    await this.#saving
    clearTimeout(this.#timer)
    if (this.#changed) await this.#save()
  }

  #saveWithin(ms: number): void {
    const dueAt = Math.max(performance.now() + ms, this.#restUntil)
    if (this.#saving || dueAt >= this.#dueAt) return
    clearTimeout(this.#timer)
    this.#dueAt = dueAt
    this.#timer = setTimeout(() => void this.#save(), Math.max(0, dueAt - performance.now()))
    if (this.#waiting.length === 0) this.#timer.unref()
  }

  #save(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#saving = this.#write().then(written => {
      this.#saving = null
      if (this.#waiting.length > 0) this.#saveWithin(0)
      // After a failure with the next change: the log need not say it each second.
      else if (this.#changed && written) this.#saveWithin(SAVE_MS)
    })
    return this.#saving
  }

  /** Whether it could be written. */
  async #write(): Promise<boolean> {
    const startedAt = performance.now()
    const waiting = this.#waiting.splice(0)
    this.#changed = false
    let written = true
    try {
      await this.#file.write(this.#names.save())
    } catch (error) {
      written = false
      this.#changed = true
      this.#onProblem(`The names could not be saved: ${reasonOf(error)}`)
    }
    const now = performance.now()
    this.#restUntil = now + Math.min(SAVE_MS, PAUSES * (now - startedAt))
    for (const resolve of waiting) resolve()
    return written
  }
}

/** The file itself, in a state directory. */
export function nameFile(directory: string): StateFile<SavedNames> {
  return new StateFile(
    join(directory, 'names.json'),
    savedNames,
    "Put back a copy. Or move it away: then no id is anybody's, and each goes to whoever comes first.",
  )
}
