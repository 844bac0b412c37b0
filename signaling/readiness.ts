/** Why a server takes no new calls now. */
export type Hold = 'starting' | 'draining'

/** Whether a server takes new calls: what keeps it from that says so here, and `/readyz` tells those who ask. */
export class Readiness {
  readonly #holds = new Set<Hold>()

  constructor(...holds: readonly Hold[]) {
    for (const why of holds) this.hold(why)
  }

  /** Empty: it takes new calls. */
  get holds(): readonly Hold[] {
    return [...this.#holds]
  }

  hold(why: Hold): void {
    this.#holds.add(why)
  }

  release(why: Hold): void {
    this.#holds.delete(why)
  }
}
