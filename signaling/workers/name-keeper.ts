import type { ClusterClaim } from '../cluster/name-store.js'
import type { ServerState } from '../server-state.js'

/** Whose id is whose, for all workers of a server. */
export class NameKeeper {
  readonly #state: ServerState

  constructor(state: ServerState) {
    this.#state = state
  }

  /** As of a NameStore. Resolves when it is on the disk. */
  async claim(id: string, key: string, from?: string): Promise<ClusterClaim> {
    const { names, file } = this.#state
    const now = Date.now()
    const holder = names.holderOf(id, now)
    if (holder !== undefined && holder !== key) {
      if (holder !== from) return { holder }
      names.release(id)
    }
    const claim = names.claim(id, key, now)
    if (claim === 'bound') await file?.saved()
    // Where there is no room for it, it is no other's either: each worker has limits of its own.
    return claim === 'full' ? 'unreachable' : 'ours'
  }

  async close(): Promise<void> {
    await this.#state.file?.close()
  }
}
