import type { BusAnswer } from './bus.js'
import type { Post } from './post.js'

/** How often those are asked whether they live whom a call depends on, ms; and how many answers may be missing. */
export const ALIVE_MS = 250
const ALIVE_MISSES = 3

export interface WatchdogParts {
  readonly post: Post
  /** Servers that calls of this one depend on, now. */
  readonly needed: () => Set<string>
  /** One of them is gone. */
  readonly lost: (server: string) => void
}

/** Those whom calls depend on must be there: a server that ends cleanly says so, one that is killed does not. */
export class Watchdog {
  readonly #parts: WatchdogParts
  readonly #misses = new Map<string, number>()

  constructor(parts: WatchdogParts) {
    this.#parts = parts
  }

  /** To be called each `ALIVE_MS`. */
  ask(): void {
    const { post, needed } = this.#parts
    const asked = needed()
    for (const server of this.#misses.keys()) if (!asked.has(server)) this.#misses.delete(server)
    for (const server of asked)
      void post.askServer(server, { t: 'alive' }, ALIVE_MS).then(answer => this.#heard(server, answer))
  }

  #heard(server: string, answer: BusAnswer): void {
    const { post, lost } = this.#parts
    // Without the bus nothing is known of the others.
    if (typeof answer !== 'string' || !post.bus.isUp) {
      this.#misses.delete(server)
      return
    }
    const misses = (this.#misses.get(server) ?? 0) + 1
    this.#misses.set(server, misses)
    if (answer === 'silence' && misses < ALIVE_MISSES) return
    this.#misses.delete(server)
    lost(server)
  }
}
