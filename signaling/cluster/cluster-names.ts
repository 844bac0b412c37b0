import { canonicalId } from '../../protocol/id.js'
import type { Names } from '../names.js'
import type { NameStore } from './name-store.js'

/** Claims that the store did not answer, at most: beyond that they are forgotten, and made again at the next login. */
const MOST_PENDING = 100_000

export interface ClusterNamesParts {
  readonly store: NameStore
  /** What this server knows by itself. */
  readonly names: Names
  /** Epoch ms. */
  readonly now: () => number
  /** Whether the holder of an id may still have it: the access file may have given it away. */
  readonly keeps: (id: string, key: string) => boolean
  /** An id that was let in turns out to be another key's. False: it stays for now, as it is in a call. */
  readonly lost: (id: string, key: string) => boolean
}

/**
 * Whose id is whose in a cluster. The store decides, among those who may have it; what this server knows by itself (names.ts) is its memory
 * of that, so that a login of who was here before waits for nobody. While the store does not answer, ids that nobody is known to hold are let
 * in all the same, and claimed when it is back: then one of two who came with the same id at two servers loses it.
 */
export class ClusterNames {
  readonly #parts: ClusterNamesParts
  readonly #pending = new Map<string, string>()
  #claiming = false

  constructor(parts: ClusterNamesParts) {
    this.#parts = parts
  }

  /** Claims that the store has not answered. */
  get pending(): number {
    return this.#pending.size
  }

  /** Whether a key that has proved itself may have an id. */
  async mayHave(id: string, key: string): Promise<boolean> {
    const canonical = canonicalId(id)
    const { names, now, keeps } = this.#parts
    const holder = names.holderOf(id, now())
    if (holder === key) {
      void this.#confirm(canonical, key)
      return true
    }
    switch (await this.#claim(canonical, key)) {
      case 'ours':
        this.#pending.delete(canonical)
        if (holder !== undefined) names.release(canonical)
        return true
      case 'taken':
        return false
      case 'unreachable':
        if (holder !== undefined && keeps(canonical, holder)) return false
        if (this.#pending.size < MOST_PENDING) this.#pending.set(canonical, key)
        return true
    }
  }

  /** The store may be back: claims what it has not answered. */
  async claimPending(): Promise<void> {
    if (this.#claiming) return
    this.#claiming = true
    for (const [canonical, key] of [...this.#pending]) if (!(await this.#confirm(canonical, key))) break
    this.#claiming = false
  }

  /** False: the store does not answer. */
  async #confirm(canonical: string, key: string): Promise<boolean> {
    const claim = await this.#claim(canonical, key)
    if (claim === 'unreachable') return false
    const { names, now, lost } = this.#parts
    if (claim === 'taken' && names.holderOf(canonical, now()) === key) names.release(canonical)
    // Asked again until it is gone.
    if (claim === 'ours' || lost(canonical, key)) this.#pending.delete(canonical)
    else this.#pending.set(canonical, key)
    return true
  }

  /** Takes it from one who may not have it any more. */
  async #claim(canonical: string, key: string): Promise<'ours' | 'taken' | 'unreachable'> {
    const { store, keeps } = this.#parts
    let claim = await store.claim(canonical, key)
    if (typeof claim !== 'string' && !keeps(canonical, claim.holder))
      claim = await store.claim(canonical, key, claim.holder)
    return typeof claim === 'string' ? claim : 'taken'
  }
}
