/** Keeps the names in a file: `names.json` in the state directory, for its owner's eyes alone. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf } from '../protocol/reason.js'
import type { Names } from './names.js'
import { ServerProblem } from './server-problem.js'

/** Changes are saved this much later, ms, together. */
const SAVE_MS = 1000

export class NameFile {
  readonly #path: string
  readonly #directory: string
  readonly #names: Names
  readonly #onProblem: (message: string) => void
  #timer: NodeJS.Timeout | undefined
  #changed = false
  #saving: Promise<void> = Promise.resolve()

  private constructor(directory: string, names: Names, onProblem: (message: string) => void) {
    this.#directory = directory
    this.#path = join(directory, 'names.json')
    this.#names = names
    this.#onProblem = onProblem
  }

  /**
   * Loads the names, makes the directory if need be, and saves changes from then on. A damaged file is kept aside under
   * another name and reported. Rejects with a ServerProblem `badStateDir`.
   *
   * @param now epoch ms, for the name of what is kept aside
   */
  static async open(directory: string, names: Names, now: number, onProblem: (message: string) => void) {
    const file = new NameFile(directory, names, onProblem)
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await file.#load(now)
      await file.#write()
    } catch (error) {
      throw new ServerProblem(
        'badStateDir',
        `The state directory ${directory} can't be used: ${reasonOf(error)}.`,
        'Name a directory that this user may read and write with --state-dir.',
      )
    }
    names.onChange = () => file.#later()
    return file
  }

  /** Saves what is not saved yet, and stops saving. */
  async close(): Promise<void> {
    this.#names.onChange = () => {}
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#saving
    if (this.#changed) await this.#save()
  }

  async #load(now: number): Promise<void> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    const loaded = this.#names.load(text)
    if (loaded.ok) return
    const aside = `${this.#path}.damaged-${Math.round(now)}`
    await rename(this.#path, aside)
    this.#onProblem(`${loaded.error.message} It is kept as ${aside}; the server starts with no names.`)
  }

  #later(): void {
    this.#changed = true
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#saving = this.#saving.then(() => this.#save())
    }, SAVE_MS).unref()
  }

  async #save(): Promise<void> {
    this.#changed = false
    try {
      await this.#write()
    } catch (error) {
      this.#changed = true
      this.#onProblem(`The names could not be saved: ${reasonOf(error)}.`)
    }
  }

  /** A new file, on the disk, in the old one's place: a crash leaves one of the two, whole. */
  async #write(): Promise<void> {
    const temporary = `${this.#path}.new`
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(this.#names.save())
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, this.#path)
    const directory = await open(this.#directory, 'r')
    await directory.sync().catch(() => {}) // not every system can
    await directory.close()
  }
}
