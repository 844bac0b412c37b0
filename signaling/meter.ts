/**
 * Holds those who are online to the quotas (quotas.ts): counts what each uses, refuses calls, and ends the relaying of a call of which one side has
 * used up what it may, a minute after both were told. A direct route goes on: it costs the server nothing. What a side sends is its own
 * use: nobody uses up what is another's.
 */
import type { Clock, Timer } from '../protocol/clock.js'
import { isRendezvous } from '../protocol/rendezvous.js'
import { Connection } from './connection.js'
import type { Limits } from './limits.js'
import { type Allowance, type QuotaName, Quotas, type UsedUp, type User, usedUpSentence } from './quotas.js'
import type { Seat } from './seat.js'
import type { Tally } from './tally.js'

export interface MeterParts {
  readonly clock: Clock
  readonly limits: Limits
  readonly tally: Tally
  /** Whether a key is the server's own: its echo is held to nothing. */
  readonly isOwn: (key: string) => boolean
  /** All who are online. */
  readonly seats: () => Iterable<Seat>
  /** The other side of its call, if that is online here. */
  readonly otherOf: (connection: Connection) => Seat | undefined
}

/** How often what was relayed is counted, ms. */
const COUNT_MS = 5_000
/** Voice is 17 frames a second at the least: a time with fewer than that is none in which voice was relayed. */
const VOICE_FRAMES_PER_MS = 8 / 1000

const NOBODY: User = { id: null, address: null }

export class Meter {
  readonly #parts: MeterParts
  readonly #quotas: Quotas
  /** Connections whose call is to be relayed no more, and what they were told of that. */
  readonly #warned = new Map<Connection, 'nothing' | 'soon' | 'now'>()
  readonly #countedAt = new WeakMap<Connection, number>()
  #timer: Timer | null = null

  constructor(parts: MeterParts) {
    this.#parts = parts
    this.#quotas = new Quotas(parts.limits)
    if (this.#quotas.any) this.#countLater()
  }

  /** How many ids or addresses have used more than 80 % of each quota. */
  get nearlyUsedUp(): Record<QuotaName, number> {
    return this.#quotas.nearlyUsedUp(this.#parts.clock.now())
  }

  /** Ids and addresses remembered. */
  get size(): number {
    return this.#quotas.size
  }

  close(): void {
    if (this.#timer !== null) this.#parts.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Why a side may not have a call, for people; null: it may. `returns`: to one that this server does not know, which another may have had. */
  refusal(seat: Seat, returns: boolean): string | null {
    const used = this.#usedUp(seat, returns ? 'comeBack' : 'begin')
    if (!used) return null
    this.#parts.tally.quotaRefused[used.name]++
    return usedUpSentence(used)
  }

  /** A call has begun, or come here from another server. */
  began(sides: readonly Seat[]): void {
    const now = this.#parts.clock.now()
    for (const seat of sides) this.#quotas.add(this.#userOf(seat), { calls: 1 }, now)
  }

  /** Two are in a call, maybe one of them with a new socket: it makes nobody's minute longer. Told of it they are with the next count. */
  joined(sides: readonly Seat[]): void {
    if (!this.#quotas.any) return
    const isOver = sides.some(seat => this.#usedUp(seat, 'stop') !== null)
    for (const connection of sides) {
      if (!(connection instanceof Connection)) continue
      this.#countedAt.set(connection, this.#parts.clock.now())
      connection.relaysNoMore = isOver
      if (isOver) this.#warned.set(connection, 'nothing')
    }
  }

  /** Their call is over. */
  ended(sides: readonly Seat[]): void {
    for (const seat of sides) if (seat instanceof Connection) this.#forget(seat)
  }

  /** A connection is over. */
  left(connection: Connection): void {
    this.#count(connection, this.#parts.clock.now())
    this.#forget(connection)
  }

  #countLater(): void {
    this.#timer = this.#parts.clock.setTimeout(() => {
      this.#countLater()
      this.#countAll()
    }, COUNT_MS)
  }

  #countAll(): void {
    const now = this.#parts.clock.now()
    const talking = new Set(this.#warned.keys())
    for (const seat of this.#parts.seats())
      if (seat instanceof Connection && this.#count(seat, now)) {
        talking.add(seat)
        const other = this.#parts.otherOf(seat)
        if (other instanceof Connection) talking.add(other)
      }
    for (const connection of talking) this.#judge(connection)
  }

  /** Whether anything was relayed for it since the last time. */
  #count(connection: Connection, now: number): boolean {
    const { frames, bytes } = connection.takeRelayed()
    if (frames === 0) return false
    const elapsed = Math.min(COUNT_MS, now - (this.#countedAt.get(connection) ?? Number.NEGATIVE_INFINITY))
    this.#countedAt.set(connection, now)
    const ms = frames >= elapsed * VOICE_FRAMES_PER_MS ? elapsed : 0
    this.#quotas.add(this.#userOf(connection), { bytes, ms }, now)
    return true
  }

  /** Whether its voice is relayed, by what the two of its call have used. */
  #judge(connection: Connection): void {
    const other = this.#parts.otherOf(connection)
    const over = this.#usedUp(connection, 'stop')
    const othersOver = other ? this.#usedUp(other, 'stop') : null
    connection.relaysNoMore = over !== null || othersOver !== null
    if (over || othersOver) {
      if (this.#warned.get(connection) === 'now') return
      this.#warned.set(connection, 'now')
      if (over) this.#parts.tally.quotaRefused[over.name]++
      connection.error('quotaUsedUp', `${sentence(over)} No more of this call is relayed.`, false)
      return
    }
    const soon = this.#usedUp(connection, 'warn')
    if (!soon && !(other && this.#usedUp(other, 'warn'))) this.#warned.delete(connection)
    else if (!this.#warned.has(connection)) {
      this.#warned.set(connection, 'soon')
      const ends = 'In a minute no more of this call is relayed; a direct route goes on.'
      connection.error('quotaEndsSoon', `${sentence(soon)} ${ends}`, false)
    }
  }

  #usedUp(seat: Seat, allowance: Allowance): UsedUp | null {
    if (!this.#quotas.any) return null
    return this.#quotas.usedUp(this.#userOf(seat), this.#parts.clock.now(), allowance)
  }

  #forget(connection: Connection): void {
    this.#warned.delete(connection)
    connection.relaysNoMore = false
  }

  #userOf(seat: Seat): User {
    if (this.#parts.isOwn(seat.key)) return NOBODY
    const id = isRendezvous(seat.id) ? null : seat.canonical
    return { id, address: seat instanceof Connection ? seat.limitKey : null }
  }
}

/** Null: it is the other side that has used up something, and what that is is not this one's business. */
function sentence(used: UsedUp | null): string {
  return used ? usedUpSentence(used) : 'The other side has used up what this server allows one person a day.'
}
