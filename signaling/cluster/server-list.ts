/** Which other servers of the cluster are there, by what each says of itself each second. */
import * as z from 'zod'
import { fnvOf } from '../../protocol/fnv.js'

/** How often a server says that it is there, ms; and after how long without a word it counts as gone. */
export const PRESENCE_MS = 1_000
const GONE_MS = 3_500

const card = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  /** How peers dial this very server; null: they can't. */
  url: z.string().max(300).nullable(),
  /** It is about to end: nobody should go there. */
  draining: z.boolean(),
})
export type ServerCard = z.infer<typeof card>

/** Servers that are there now and were not, and the other way round. */
export interface ServerNews {
  readonly come: readonly ServerCard[]
  readonly gone: readonly ServerCard[]
}

export class ServerList {
  readonly #heard = new Map<string, { readonly card: ServerCard; readonly at: number }>()
  #told = new Map<string, ServerCard>()

  /** `self`: the server that keeps the list; it is not in it. */
  constructor(private readonly self: string) {}

  /** Takes what a server said. `now`: ms. Whether it was not there before, or is not the same any more. */
  hear(bytes: Uint8Array, now: number): boolean {
    let said: ServerCard | undefined
    try {
      said = card.safeParse(JSON.parse(Buffer.from(bytes).toString())).data
    } catch {
      return false
    }
    if (!said || said.id === this.self) return false
    const before = this.#heard.get(said.id)
    this.#heard.set(said.id, { card: said, at: now })
    return (
      !before || now - before.at > GONE_MS || before.card.url !== said.url || before.card.draining !== said.draining
    )
  }

  /** It is known to be gone. */
  remove(id: string): void {
    this.#heard.delete(id)
  }

  /** Those that are there, by id. `now`: ms. */
  present(now: number): ServerCard[] {
    for (const [id, { at }] of this.#heard) if (now - at > GONE_MS) this.#heard.delete(id)
    return [...this.#heard.values()].map(heard => heard.card).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** What has changed since it was last asked. */
  news(now: number): ServerNews {
    const before = this.#told
    this.#told = new Map(this.present(now).map(card => [card.id, card]))
    return {
      come: [...this.#told.values()].filter(({ id }) => !before.has(id)),
      gone: [...before.values()].filter(({ id }) => !this.#told.has(id)),
    }
  }

  /** Where a call goes that has to leave this server: the same one for its two sides, others for other calls. Null: nowhere. */
  refuge(ids: readonly string[], now: number): ServerCard | null {
    const open = this.present(now).filter(({ url, draining }) => url !== null && !draining)
    const key = [...ids].sort().join(' ')
    let best: ServerCard | null = null
    let bestWeight = -1
    // Rendezvous hashing: a server more or less moves only the calls that are its own.
    for (const server of open) {
      const weight = fnvOf(`${server.id} ${key}`)
      if (weight > bestWeight) [best, bestWeight] = [server, weight]
    }
    return best
  }
}

export function encodeCard(said: ServerCard): Uint8Array {
  return Buffer.from(JSON.stringify(said))
}
