import type { Clock } from '../../protocol/clock.js'
import { MAX_SERVERS } from '../../protocol/signaling.js'
import type { Bus } from './bus.js'
import { encodeCard, ServerList, type ServerNews } from './server-list.js'
import { PRESENCE } from './subjects.js'

export interface PresenceParts {
  readonly bus: Bus
  readonly clock: Clock
  readonly id: string
  readonly url: string | null
  /** Other servers have come or gone; `servers`: how many are there now. */
  readonly report?: (news: ServerNews, servers: number) => void
}

/** That this server is there, as it tells the others; and which others are, as they tell it. */
export class Presence {
  readonly #parts: PresenceParts
  readonly #servers: ServerList
  #draining = false

  constructor(parts: PresenceParts) {
    this.#parts = parts
    this.#servers = new ServerList(parts.id)
  }

  /** Other servers that are there. */
  get size(): number {
    return this.#servers.present(this.#parts.clock.now()).length
  }

  /** How peers dial those of them that take someone. */
  get urls(): string[] {
    return this.#servers
      .present(this.#parts.clock.now())
      .flatMap(({ url, draining }) => (url === null || draining ? [] : [url]))
      .slice(0, MAX_SERVERS)
  }

  /** How peers dial this server, if it takes someone; else null. */
  get ownUrl(): string | null {
    return this.#draining ? null : this.#parts.url
  }

  /** To be called each `PRESENCE_MS`. */
  say(): void {
    const { bus, id, url } = this.#parts
    bus.publish(PRESENCE, encodeCard({ id, url, draining: this.#draining }))
    this.#reportNews()
  }

  /** Nobody should come here any more. */
  announceDrain(): void {
    if (this.#draining) return
    this.#draining = true
    this.say()
  }

  /** Takes what another server said. True: it was not there before, or is not the same any more. */
  hear(bytes: Uint8Array): boolean {
    return this.#servers.hear(bytes, this.#parts.clock.now())
  }

  /** How a call that has to leave this server dials the one to go to; null: there is none. `ids`: canonical, of its sides. */
  refuge(ids: readonly string[]): string | null {
    return this.#servers.refuge(ids, this.#parts.clock.now())?.url ?? null
  }

  /** A server is known to be gone. */
  lost(server: string): void {
    this.#servers.remove(server)
    this.#reportNews()
  }

  #reportNews(): void {
    const news = this.#servers.news(this.#parts.clock.now())
    if (news.come.length + news.gone.length > 0) this.#parts.report?.(news, this.size)
  }
}
