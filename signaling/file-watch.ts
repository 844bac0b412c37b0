/** Notices that a file has changed, by what the system says of it: works on every kind of disk, and reads nothing. */
import { statSync } from 'node:fs'

export class FileWatch {
  /** What was last taken up, and what was seen since. */
  #taken: string
  #seen: string

  constructor(readonly path: string) {
    this.#taken = this.#seen = stampOf(path)
  }

  /**
   * Whether there is something new to take up. Not while it still changes from one look to the next: an editor empties a file before
   * it writes it.
   */
  settledAnew(): boolean {
    const stamp = stampOf(this.path)
    const settled = stamp === this.#seen
    this.#seen = stamp
    if (!settled || stamp === this.#taken) return false
    this.#taken = stamp
    return true
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.ino}` : 'none'
}
