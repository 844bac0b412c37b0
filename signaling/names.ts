/**
 * Names: which key holds an id. Bound on first use; free again after some days in which nobody logged in with it. The day
 * of the last use is all the time that is kept.
 */
import * as z from 'zod'
import { canonicalId, ID_PATTERN } from '../protocol/id.js'
import { defaultLimits } from './limits.js'

const DAY_MS = 86_400_000

/** `bound`: new, now this key's. `known`: this key's already. `taken`: another key's. `full`: no room for new names. */
export type Claim = 'bound' | 'known' | 'taken' | 'full'

interface Holder {
  readonly key: string
  day: number
}

/** What is kept of names: canonical id, public key (32 bytes, base64url), day of the last use since 1970. */
export const savedNames = z.strictObject({
  version: z.literal(1),
  names: z.array(
    z.tuple([z.string().regex(ID_PATTERN), z.string().regex(/^[A-Za-z0-9_-]{43}$/), z.number().int().min(0)]),
  ),
})
export type SavedNames = z.infer<typeof savedNames>

export class Names {
  readonly #holders = new Map<string, Holder>()
  #sweptDay = 0
  /** Something worth saving changed. */
  onChange: () => void = () => {}

  /**
   * `most`: names that are remembered at most; when there is no room, new ones are refused, never old ones forgotten.
   * `unusedDays`: days without a login after which a name is free.
   */
  constructor(
    readonly most: number = defaultLimits.names,
    readonly unusedDays: number = defaultLimits.nameDays,
  ) {}

  get size(): number {
    return this.#holders.size
  }

  /** The public key (base64url) that holds an id; undefined: it is free. `now`: epoch ms. */
  holderOf(id: string, now: number): string | undefined {
    return this.#holder(canonicalId(id), dayOf(now))?.key
  }

  /** Claims an id for a public key (base64url) that has proved itself, and notes the use. `now`: epoch ms. */
  claim(id: string, key: string, now: number): Claim {
    const canonical = canonicalId(id)
    const day = dayOf(now)
    const holder = this.#holder(canonical, day)
    if (holder && holder.key !== key) return 'taken'
    if (holder) {
      if (day > holder.day) {
        holder.day = day
        this.onChange()
      }
      return 'known'
    }
    if (this.#holders.size >= this.most) this.#sweep(day)
    if (this.#holders.size >= this.most) return 'full'
    this.#holders.set(canonical, { key, day })
    this.onChange()
    return 'bound'
  }

  /** Takes an id from whoever holds it. */
  release(id: string): void {
    if (this.#holders.delete(canonicalId(id))) this.onChange()
  }

  /** What to keep over a restart. */
  save(): SavedNames {
    return { version: 1, names: [...this.#holders].map(([id, { key, day }]) => [id, key, day]) }
  }

  /** Takes what `save` gave. */
  load({ names }: SavedNames): void {
    for (const [id, key, day] of names) this.#holders.set(canonicalId(id), { key, day })
  }

  #holder(canonical: string, day: number): Holder | undefined {
    const holder = this.#holders.get(canonical)
    if (!holder || day - holder.day <= this.unusedDays) return holder
    this.#holders.delete(canonical)
    return undefined
  }

  /** Once a day at most: a full store must not make each login slow. */
  #sweep(day: number): void {
    if (day === this.#sweptDay) return
    this.#sweptDay = day
    for (const [id, holder] of this.#holders) if (day - holder.day > this.unusedDays) this.#holders.delete(id)
  }
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS)
}
