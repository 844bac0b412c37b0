/**
 * Who holds which rendezvous id (protocol/rendezvous.ts): the first key that asks, while it is online and for a while after, so that
 * it can come back. Then the id is free, and nothing is remembered of it.
 */
import { canonicalId } from '../protocol/id.js'
import { Counts } from './counts.js'
import type { Limits } from './limits.js'

export type RendezvousLimits = Pick<Limits, 'rendezvous' | 'rendezvousPerAddress' | 'rendezvousHoldMs'>

/** `held`: this key's, now or already. `taken`: another key's. `full`: no room for more. `tooMany`: too many from that address. */
export type RendezvousClaim = 'held' | 'taken' | 'full' | 'tooMany'

interface Holder {
  readonly key: string
  readonly limitKey: string
}

export class Rendezvous {
  readonly #limits: RendezvousLimits
  readonly #holders = new Map<string, Holder>()
  readonly #perAddress = new Counts()
  /** Of those that are gone: when they are free, ms. In the order in which they went, which is that of their ends. */
  readonly #gone = new Map<string, number>()

  constructor(limits: RendezvousLimits) {
    this.#limits = limits
  }

  /** Ids that are held, also those whose holder is gone for a moment. */
  get size(): number {
    return this.#holders.size
  }

  /** Whether somebody holds an id. `now`: ms. */
  isHeld(id: string, now: number): boolean {
    this.#free(now)
    return this.#holders.has(canonicalId(id))
  }

  /** Claims an id for a key (base64url) that has proved itself and comes from this address. `now`: ms. */
  claim(id: string, key: string, limitKey: string, now: number): RendezvousClaim {
    this.#free(now)
    const canonical = canonicalId(id)
    const holder = this.#holders.get(canonical)
    if (holder && holder.key !== key) return 'taken'
    if (!holder) {
      if (this.#perAddress.of(limitKey) >= this.#limits.rendezvousPerAddress) return 'tooMany'
      if (this.#holders.size >= this.#limits.rendezvous) return 'full'
      this.#holders.set(canonical, { key, limitKey })
      this.#perAddress.add(limitKey)
    }
    this.#gone.delete(canonical)
    return 'held'
  }

  /** Its holder went offline. `now`: ms. */
  left(id: string, now: number): void {
    const canonical = canonicalId(id)
    if (this.#holders.has(canonical)) this.#gone.set(canonical, now + this.#limits.rendezvousHoldMs)
  }

  #free(now: number): void {
    for (const [canonical, until] of this.#gone) {
      if (until > now) return
      this.#gone.delete(canonical)
      const { limitKey } = this.#holders.get(canonical)!
      this.#holders.delete(canonical)
      this.#perAddress.remove(limitKey)
    }
  }
}
