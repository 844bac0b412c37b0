/** Network address translation, as state: mappings are made by what goes out, let in what may come in, and expire. */
import type { SeededRandom } from './seeded-random.js'

/**
 * - `open`: a public address, no filter.
 * - `ordinary`: keeps ports, the same mapping for all destinations; lets in what comes from where something went (RFC 4787:
 *   endpoint-independent mapping, address and port-dependent filtering).
 * - `symmetric`: a new port for each destination, the same filter.
 * - `udpBlocked`: no datagram passes.
 */
export type NatKind = 'open' | 'ordinary' | 'symmetric' | 'udpBlocked'

/** An address and a port, as address * 65536 + port. */
export type Endpoint = number

export function endpointOf(address: number, port: number): Endpoint {
  return address * 65_536 + port
}

export function addressOf(endpoint: Endpoint): number {
  return Math.floor(endpoint / 65_536)
}

export function portOf(endpoint: Endpoint): number {
  return endpoint % 65_536
}

interface Mapping {
  readonly inside: number
  readonly outside: number
  readonly remote: Endpoint
  usedAt: number
}

/** A mapping without use is forgotten after this, ms. */
const EXPIRY_MS = 30_000
/** More mappings than this are looked through for old ones. */
const MANY = 64

export class Nat {
  readonly kind: NatKind
  readonly #random: SeededRandom
  readonly #byInside = new Map<number, Mapping>()
  readonly #byOutside = new Map<number, Mapping>()

  constructor(kind: NatKind, random: SeededRandom) {
    this.kind = kind
    this.#random = random
  }

  /** Mappings that are remembered. */
  get mappings(): number {
    return this.#byInside.size
  }

  /** A datagram goes from an inside port to `remote` at `now` (ms): the outside port that it gets, or null if it may not. */
  out(inside: number, remote: Endpoint, now: number): number | null {
    if (this.kind === 'udpBlocked') return null
    if (this.kind === 'open') return inside
    const known = this.#byInside.get(keyOf(inside, remote))
    if (known && now - known.usedAt <= EXPIRY_MS) {
      known.usedAt = now
      return known.outside
    }
    if (known) this.#forget(known)
    if (this.#byInside.size >= MANY) this.#clean(now)
    const outside = this.kind === 'ordinary' ? inside : this.#freePort(remote)
    const mapping: Mapping = { inside, outside, remote, usedAt: now }
    this.#byInside.set(keyOf(inside, remote), mapping)
    this.#byOutside.set(keyOf(outside, remote), mapping)
    return outside
  }

  /** A datagram came to an outside port from `remote`: the inside port that it goes to, or null if nothing lets it in. */
  in(outside: number, remote: Endpoint, now: number): number | null {
    if (this.kind === 'udpBlocked') return null
    if (this.kind === 'open') return outside
    const mapping = this.#byOutside.get(keyOf(outside, remote))
    if (!mapping || now - mapping.usedAt > EXPIRY_MS) return null
    mapping.usedAt = now
    return mapping.inside
  }

  #freePort(remote: Endpoint): number {
    for (;;) {
      const port = 20_000 + Math.floor(40_000 * this.#random.next())
      if (!this.#byOutside.has(keyOf(port, remote))) return port
    }
  }

  #clean(now: number): void {
    for (const mapping of this.#byInside.values()) if (now - mapping.usedAt > EXPIRY_MS) this.#forget(mapping)
  }

  #forget(mapping: Mapping): void {
    this.#byInside.delete(keyOf(mapping.inside, mapping.remote))
    this.#byOutside.delete(keyOf(mapping.outside, mapping.remote))
  }
}

function keyOf(port: number, remote: Endpoint): number {
  return port * 2 ** 36 + remote
}
