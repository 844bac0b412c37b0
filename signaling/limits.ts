/**
 * How much of everything one server takes, and how long it waits: the one place for limits and deadlines. An address is an
 * IPv4 address or an IPv6 /64.
 */
import { fail, ok, type Result } from '../protocol/result.js'

/** How an operator sets a limit: `--max-sockets 500`, or `VOICECHAT_MAX_SOCKETS=500`. */
export interface LimitFlag {
  /** Without dashes. */
  readonly name: string
  /** For people. */
  readonly what: string
  /** What may be given. */
  readonly least: number
  readonly most: number
  /** How much of the limit one of what is given makes: 1000 where seconds are given for a limit in ms; 1 unless given. */
  readonly unit?: number
}

interface Limit {
  readonly value: number
  /** Absent: what it is follows from the protocol or from what a voice call sends, and is nothing to be set. */
  readonly flag?: LimitFlag
}

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const MEGABYTE = 1_000_000
const MOST = 1_000_000

/** Each limit with its value unless an operator sets another. Times are in ms. */
const table = {
  /** Sockets in all, and from one address. */
  sockets: { value: 20_000, flag: { name: 'max-sockets', what: 'connections in all', least: 2, most: MOST } },
  socketsPerAddress: {
    value: 64,
    flag: { name: 'max-sockets-per-address', what: 'connections from one address', least: 1, most: MOST },
  },
  /** Of those the ones from one address that have not sent the head of their request yet. More are cut. */
  waitingPerAddress: { value: 32 },
  /** Requests from one address, each a connection of its own, a minute. More get HTTP status 429. */
  requestsPerAddressPerMinute: {
    value: 600,
    flag: { name: 'max-requests-per-address', what: 'connections a minute from one address', least: 1, most: MOST },
  },
  /** Login attempts from one address, and logins of one id with one key, a minute. */
  loginsPerAddressPerMinute: {
    value: 120,
    flag: { name: 'max-logins-per-address', what: 'logins a minute from one address', least: 1, most: MOST },
  },
  loginsPerIdPerMinute: {
    value: 30,
    flag: { name: 'max-logins-per-id', what: 'logins a minute of one id', least: 2, most: MOST },
  },
  /** Names never seen before, from one address, an hour: against squatting. */
  newNamesPerAddressPerHour: {
    value: 300,
    flag: { name: 'max-new-names-per-address', what: 'new ids an hour from one address', least: 1, most: MOST },
  },
  /** Names remembered, and days without a login after which a name is free. */
  names: { value: 100_000, flag: { name: 'max-names', what: 'ids remembered', least: 2, most: MOST } },
  nameDays: {
    value: 30,
    flag: { name: 'name-days', what: 'days after which an id that nobody used is free', least: 1, most: 3650 },
  },
  /**
   * Rendezvous ids (one-time calls, two a call) held in all, from one address, and for how long after their holder went offline: so
   * nobody takes all the short numbers.
   */
  rendezvous: { value: 10_000 },
  rendezvousPerAddress: {
    value: 32,
    flag: {
      name: 'max-one-time-ids-per-address',
      what: 'ids of one-time calls from one address',
      least: 2,
      most: MOST,
    },
  },
  rendezvousHoldMs: { value: MINUTE },
  /** Calls of the echo at once, how long one may last, and how many one address may ask for a minute. */
  echoCalls: { value: 8, flag: { name: 'max-echo-calls', what: 'test calls at once', least: 1, most: 1000 } },
  echoCallMs: {
    value: 60 * SECOND,
    flag: { name: 'echo-seconds', what: 'seconds that a test call may last', least: 5, most: 3600, unit: SECOND },
  },
  echoesPerAddressPerMinute: {
    value: 6,
    flag: {
      name: 'max-echo-calls-per-address',
      what: 'test calls a minute for one address',
      least: 1,
      most: 1000,
    },
  },
  /** Text messages of one connection: a token bucket; one counts once more for each 1024 characters. More closes it (`tooManyMessages`). */
  messagesPerSecond: { value: 20 },
  messageBurst: { value: 60 },
  /** Binary messages of one connection, and their bytes: token buckets. More closes it (`flood`). */
  framesPerSecond: { value: 150 },
  frameBurst: { value: 300 },
  frameBytesPerSecond: { value: 64 * 1024 },
  frameBytesBurst: { value: 128 * 1024 },
  /** Protocol errors of one connection; one is forgiven every 10 s. More closes it (`tooManyErrors`). */
  errors: { value: 20 },
  /** Bytes that a socket may hold back before it counts as `stuck`. */
  bufferedBytes: { value: 128 * 1024 },
  /** The head of a connection's request, so of an upgrade as well, must be there within this. */
  headMs: {
    value: 5 * SECOND,
    flag: { name: 'header-seconds', what: 'seconds for an HTTP header to come', least: 1, most: 60, unit: SECOND },
  },
  /** A login must come within this after the upgrade (`slow`). */
  loginMs: {
    value: 5 * SECOND,
    flag: { name: 'login-seconds', what: 'seconds for a login to come', least: 1, most: 60, unit: SECOND },
  },
  /** An older program with the same key is pinged and has this long to answer. */
  elsewhereMs: { value: SECOND },
  /** Ping period, and how many may go unanswered (`lost`). */
  pingMs: { value: 5 * SECOND },
  pingMisses: { value: 2 },
  /** How long the socket that a session has left for one at another server takes voice that is still on its way: longer than that takes. */
  lingerMs: { value: 2 * SECOND },
  /** How long a closing handshake may take. */
  closeMs: { value: 2 * SECOND },
  /** How long running calls get to go on elsewhere, or to end, when the server is to end. */
  drainMs: {
    value: 30 * SECOND,
    flag: {
      name: 'drain-seconds',
      what: 'seconds that running calls get when the server is to end',
      least: 0,
      most: 3600,
      unit: SECOND,
    },
  },
  /**
   * What one person may cost in a day (quotas.ts): calls, and voice that is relayed from it. 0: no quota.
   */
  quotaCallsPerId: {
    value: 0,
    flag: { name: 'quota-calls-per-id', what: 'calls a day of one id; 0: any', least: 0, most: MOST },
  },
  quotaCallsPerAddress: {
    value: 0,
    flag: { name: 'quota-calls-per-address', what: 'calls a day from one address; 0: any', least: 0, most: MOST },
  },
  quotaBytesPerId: {
    value: 0,
    flag: {
      name: 'quota-megabytes-per-id',
      what: 'megabytes a day that are relayed for one id; 0: any',
      least: 0,
      most: MOST,
      unit: MEGABYTE,
    },
  },
  quotaBytesPerAddress: {
    value: 0,
    flag: {
      name: 'quota-megabytes-per-address',
      what: 'megabytes a day that are relayed for one address; 0: any',
      least: 0,
      most: MOST,
      unit: MEGABYTE,
    },
  },
  quotaMsPerId: {
    value: 0,
    flag: {
      name: 'quota-hours-per-id',
      what: 'hours a day in which voice of one id is relayed; 0: any',
      least: 0,
      most: MOST,
      unit: HOUR,
    },
  },
  quotaMsPerAddress: {
    value: 0,
    flag: {
      name: 'quota-hours-per-address',
      what: 'hours a day in which voice of one address is relayed, of all its calls together; 0: any',
      least: 0,
      most: MOST,
      unit: HOUR,
    },
  },
  /** A peer that knows that its call is over may still send relay frames for this long. */
  afterCallMs: { value: 5 * SECOND },
  /** How long TURN credentials are good for, an hour at most; at half of it a peer gets new ones. */
  turnCredentialMs: {
    value: 60 * MINUTE,
    flag: {
      name: 'turn-minutes',
      what: 'minutes that TURN credentials are good for',
      least: 2,
      most: 60,
      unit: MINUTE,
    },
  },
} satisfies Record<string, Limit>

type LimitName = keyof typeof table

/** All limits; what each one is stands in the table. */
export type Limits = Readonly<Record<LimitName, number>>

const entries = Object.entries(table) as readonly [LimitName, Limit][]

export const defaultLimits = Object.fromEntries(entries.map(([name, { value }]) => [name, value])) as Limits

/** The limits that an operator may set, each with its flag. */
export const limitFlags: readonly (LimitFlag & { readonly limit: LimitName; readonly default: number })[] =
  entries.flatMap(([limit, { value, flag }]) => (flag ? [{ ...flag, limit, default: value / (flag.unit ?? 1) }] : []))

/** The value of a limit, in its own unit, for what an operator wrote. */
export function parseLimit({ least, most, unit = 1 }: LimitFlag, text: string): Result<number, 'badLimit'> {
  const number = Number(text)
  if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return ok(number * unit)
  return fail('badLimit', `It is a whole number from ${least} to ${most}.`)
}
