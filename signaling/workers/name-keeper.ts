import type { ClusterClaim } from '../cluster/name-store.js'
import type { ServerState } from '../server-state.js'

/** Whose id is whose, for all workers of a server. */
export class NameKeeper {
  readonly #state: ServerState

  constructor(state: ServerState) {
    this.#state = state
  }

  /** Resolves when it is on the disk. */
  async claim(id: string, key: string): Promise<ClusterClaim> {
    const claim = this.#state.names.claim(id, key, Date.now())
    if (claim === 'bound') await this.#state.file?.saved()
    // Where there is no room for it, it is no other's either: each worker has limits of its own.
    return claim === 'taken' ? 'taken' : claim === 'full' ? 'unreachable' : 'ours'
  }

  release(id: string): void {
    this.#state.names.release(id)
  }

  async close(): Promise<void> {
    await this.#state.file?.close()
  }
}
