/**
 * What one person may cost in a day: calls, and megabytes and hours of relayed voice, for each id and each address. Limits (limits.ts) protect
 * the machine within seconds; quotas bound what somebody costs who keeps to all of them. A day is 24 hours from the first use; then all of it is
 * there again, and nothing is remembered. Pure: time is handed in, ms.
 */
import type { Limits } from './limits.js'

/** Who uses something. `id`: canonical; null: one that is counted by its address alone. `address`: as limits count it; null: not known here. */
export interface User {
  readonly id: string | null
  readonly address: string | null
}

/** Calls, bytes of relayed voice, and ms in which voice was relayed. */
export interface Use {
  readonly calls: number
  readonly bytes: number
  readonly ms: number
}

export const quotaNames = [
  'callsPerId',
  'callsPerAddress',
  'megabytesPerId',
  'megabytesPerAddress',
  'hoursPerId',
  'hoursPerAddress',
] as const
export type QuotaName = (typeof quotaNames)[number]

interface Quota {
  readonly name: QuotaName
  readonly of: 'id' | 'address'
  readonly what: keyof Use
  readonly limit: number
}

/** A quota, and how long until there is more. */
export interface UsedUp extends Quota {
  readonly freeInMs: number
}

type Day = { -readonly [K in keyof Use]: Use[K] } & { readonly since: number }

const DAY_MS = 24 * 3_600_000
/** Ids, and addresses, at most. A new one beyond that takes the place of the one whose day is the oldest. */
const MOST = 100_000
/** Beyond a quota: a minute of voice, so that no call ends in the middle of a word, and times to come back to a call that another server had. */
export const GRACE: Use = { calls: 20, bytes: 700_000, ms: 60_000 }
/**
 * What may be taken beyond the quotas until they count as used up: for a new call, to come back to one, until those in a call are told, and until
 * it is relayed no more. How many calls there were is nothing to a running one.
 */
export const allowances = {
  begin: { calls: 0, bytes: 0, ms: 0 },
  comeBack: GRACE,
  warn: { calls: Number.POSITIVE_INFINITY, bytes: 0, ms: 0 },
  stop: { ...GRACE, calls: Number.POSITIVE_INFINITY },
} satisfies Record<string, Use>
export type Allowance = keyof typeof allowances
const NEARLY = 0.8
const UNITS: Use = { calls: 1, bytes: 1_000_000, ms: 3_600_000 }

export class Quotas {
  readonly #quotas: readonly Quota[]
  readonly #days = { id: new Map<string, Day>(), address: new Map<string, Day>() }
  readonly #most: number

  constructor(limits: Limits, most = MOST) {
    this.#most = most
    const all: readonly Quota[] = [
      { name: 'callsPerId', of: 'id', what: 'calls', limit: limits.quotaCallsPerId },
      { name: 'callsPerAddress', of: 'address', what: 'calls', limit: limits.quotaCallsPerAddress },
      { name: 'megabytesPerId', of: 'id', what: 'bytes', limit: limits.quotaBytesPerId },
      { name: 'megabytesPerAddress', of: 'address', what: 'bytes', limit: limits.quotaBytesPerAddress },
      { name: 'hoursPerId', of: 'id', what: 'ms', limit: limits.quotaMsPerId },
      { name: 'hoursPerAddress', of: 'address', what: 'ms', limit: limits.quotaMsPerAddress },
    ]
    // 0 is none.
    this.#quotas = all.filter(({ limit }) => limit > 0)
  }

  /** Whether there is any. */
  get any(): boolean {
    return this.#quotas.length > 0
  }

  /** Ids and addresses remembered. */
  get size(): number {
    return this.#days.id.size + this.#days.address.size
  }

  add(user: User, use: Partial<Use>, now: number): void {
    for (const of of ['id', 'address'] as const) {
      const key = user[of]
      if (key === null || !this.#quotas.some(quota => quota.of === of && (use[quota.what] ?? 0) > 0)) continue
      const day = this.#day(of, key, now) ?? this.#newDay(of, key, now)
      day.calls += use.calls ?? 0
      day.bytes += use.bytes ?? 0
      day.ms += use.ms ?? 0
    }
  }

  /** The quota that a user has used up, with what is allowed beyond it: of several the one that takes longest. Null: none. */
  usedUp(user: User, now: number, allowance: Allowance): UsedUp | null {
    const beyond = allowances[allowance]
    let longest: UsedUp | null = null
    for (const quota of this.#quotas) {
      const key = user[quota.of]
      const day = key === null ? undefined : this.#day(quota.of, key, now)
      if (!day || day[quota.what] < quota.limit + beyond[quota.what]) continue
      const freeInMs = day.since + DAY_MS - now
      if (!longest || freeInMs > longest.freeInMs) longest = { ...quota, freeInMs }
    }
    return longest
  }

  /** How many ids or addresses have used more than 80 % of each quota. */
  nearlyUsedUp(now: number): Record<QuotaName, number> {
    const counts = Object.fromEntries(quotaNames.map(name => [name, 0])) as Record<QuotaName, number>
    for (const { name, of, what, limit } of this.#quotas)
      for (const day of this.#days[of].values())
        if (now < day.since + DAY_MS && day[what] > NEARLY * limit) counts[name]++
    return counts
  }

  #day(of: Quota['of'], key: string, now: number): Day | undefined {
    const day = this.#days[of].get(key)
    if (!day || now < day.since + DAY_MS) return day
    this.#days[of].delete(key)
    return undefined
  }

  #newDay(of: Quota['of'], key: string, now: number): Day {
    const days = this.#days[of]
    // In the order of their beginning: the first ones are over, or the oldest.
    for (const [first, { since }] of days) {
      if (now < since + DAY_MS && days.size < this.#most) break
      days.delete(first)
    }
    const day = { since: now, calls: 0, bytes: 0, ms: 0 }
    days.set(key, day)
    return day
  }
}

const ONE: Record<keyof Use, string> = { calls: 'call', bytes: 'MB of relayed voice', ms: 'hour of relayed voice' }
const MANY: Record<keyof Use, string> = { ...ONE, calls: 'calls', ms: 'hours of relayed voice' }

/** What is used up, and when there is more: in which time zone the reader is, the server does not know. */
export function usedUpSentence({ of, what, limit, freeInMs }: UsedUp): string {
  const amount = Number((limit / UNITS[what]).toFixed(3))
  const things = `${amount} ${(amount === 1 ? ONE : MANY)[what]}`
  return `This server allows one ${of} ${things} a day, and that is used up: there is more in ${span(freeInMs)}.`
}

/** Rounded up: who comes back after it is not told to wait once more. */
function span(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  const [n, unit] = minutes < 120 ? [minutes, 'minute'] : [Math.ceil(minutes / 60), 'hour']
  return `${n} ${unit}${n === 1 ? '' : 's'}`
}
