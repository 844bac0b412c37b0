import { canonicalId } from '../../protocol/id.js'
import type { Names } from '../names.js'
import type { NameStore } from './name-store.js'

/** Claims that the store did not answer, at most: beyond that they are forgotten, and made again at the next login. */
const MOST_PENDING = 100_000

/**
 * Whose id is whose in a cluster. The store decides; what this server knows by itself (names.ts) is its memory of that, so that a login of
 * who was here before waits for nobody. While the store does not answer, ids that nobody is known to hold are let in all the same, and
 * claimed when it is back: then one of two who came with the same id at two servers loses it.
 */
export class ClusterNames {
  readonly #store: NameStore
  readonly #names: Names
  readonly #now: () => number
  readonly #lost: (id: string, key: string) => void
  readonly #pending = new Map<string, string>()

  /** `now`: epoch ms. `lost`: an id that was let in turns out to be another key's. */
  constructor(store: NameStore, names: Names, now: () => number, lost: (id: string, key: string) => void) {
    this.#store = store
    this.#names = names
    this.#now = now
    this.#lost = lost
  }

  /** Claims that the store has not answered. */
  get pending(): number {
    return this.#pending.size
  }

  /** Whether a key that has proved itself may have an id. */
  async mayHave(id: string, key: string): Promise<boolean> {
    const canonical = canonicalId(id)
    const holder = this.#names.holderOf(id, this.#now())
    if (holder === key) {
      void this.#confirm(canonical, key)
      return true
    }
    switch (await this.#store.claim(canonical, key)) {
      case 'ours':
        this.#pending.delete(canonical)
        if (holder !== undefined) this.#names.release(canonical)
        return true
      case 'taken':
        return false
      case 'unreachable':
        if (holder !== undefined) return false
        if (this.#pending.size < MOST_PENDING) this.#pending.set(canonical, key)
        return true
    }
  }

  /** Takes an id from whoever holds it. */
  release(id: string): void {
    this.#pending.delete(canonicalId(id))
    void this.#store.release(canonicalId(id))
  }

  /** The store may be back: claims what it has not answered. */
  async claimPending(): Promise<void> {
    for (const [canonical, key] of [...this.#pending]) if (!(await this.#confirm(canonical, key))) return
  }

  /** False: the store does not answer. */
  async #confirm(canonical: string, key: string): Promise<boolean> {
    const claim = await this.#store.claim(canonical, key)
    if (claim === 'unreachable') return false
    this.#pending.delete(canonical)
    if (claim === 'taken' && this.#names.holderOf(canonical, this.#now()) === key) {
      this.#names.release(canonical)
      this.#lost(canonical, key)
    }
    return true
  }
}
