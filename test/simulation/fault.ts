/** What can go wrong in a simulated call, or what its people do in between, as plain data. */
import { z } from 'zod'

export const ids = ['ABC', 'XYZ'] as const
export type Id = (typeof ids)[number]
export const who = z.enum(ids)
export const natKinds = ['open', 'ordinary', 'symmetric', 'udpBlocked'] as const
export const nat = z.enum(natKinds)

const share = z.number().min(0).max(1)
const ms = z.number().int().nonnegative().max(10_000_000)

/** How a path is, one way. What is left out stays as it is. */
export const quality = z.strictObject({
  delayMs: ms.optional(),
  jitterMs: ms.optional(),
  /** Share of packets that are lost, each by its own luck. */
  loss: share.optional(),
  /** Share of packets that begin a burst of losses, and how many a burst takes on average. */
  burstShare: share.optional(),
  burstLength: z.number().min(1).max(1_000).optional(),
  duplicates: share.optional(),
  /** A bottleneck, kb/s, and how much waits in front of it, ms. */
  rateKbps: z.number().positive().optional(),
  queueMs: ms.optional(),
})
export type Quality = z.infer<typeof quality>

/** Since both were started, ms (since the one, where the other never comes). */
const at = ms
const forMs = ms.min(1)

export const fault = z.discriminatedUnion('kind', [
  /** This one's connections to the server break; both ends are told. */
  z.strictObject({ at, kind: z.literal('cut'), who }),
  /** They go dead and nobody is told; new ones work. */
  z.strictObject({ at, kind: z.literal('strand'), who }),
  /** A new address. */
  z.strictObject({ at, kind: z.literal('move'), who }),
  /** Nothing passes between these for a time, and nobody is told. */
  z.strictObject({
    at,
    kind: z.literal('partition'),
    between: z.enum(['ABC-server', 'XYZ-server', 'ABC-XYZ', 'all']),
    forMs,
  }),
  /** The access of one is worse for a time. */
  z.strictObject({ at, kind: z.literal('worse'), who, way: z.enum(['up', 'down', 'both']), quality, forMs }),
  /** The server dies with all it knew, and starts again after a pause. */
  z.strictObject({ at, kind: z.literal('crash'), forMs }),
  /** The server says that it restarts, and does. */
  z.strictObject({ at, kind: z.literal('restart'), forMs }),
  /** A process is stopped and goes on later; a laptop sleeps and wakes up. */
  z.strictObject({ at, kind: z.literal('stop'), who, forMs }),
  z.strictObject({ at, kind: z.literal('sleep'), who, forMs }),
  /** From now on behind another kind of NAT. */
  z.strictObject({ at, kind: z.literal('nat'), who, nat }),
  /** Datagrams from one to the other are lost for a time; the way over the server is as it was. */
  z.strictObject({ at, kind: z.literal('directDies'), way: z.enum(['ABC-XYZ', 'XYZ-ABC', 'both']), forMs }),
  /** Datagrams between the two are worse off for a time: lost, late, doubled; the way over the server is as it was. */
  z.strictObject({ at, kind: z.literal('directWorse'), way: z.enum(['ABC-XYZ', 'XYZ-ABC', 'both']), quality, forMs }),
  z.strictObject({ at, kind: z.literal('mute'), who }),
  z.strictObject({ at, kind: z.literal('unmute'), who }),
  z.strictObject({ at, kind: z.literal('confirm'), who }),
  /** Hangs up, or is killed, and calls again by a new program with the same identity. The other calls again too if it ended. */
  z.strictObject({ at, kind: z.literal('again'), who, killed: z.boolean(), afterMs: ms }),
  /** Both hang up at once, and both call again. */
  z.strictObject({ at, kind: z.literal('bothAgain'), afterMs: ms }),
  /** A second program with the same id, `own`: with the same key too; it gives up after a time. */
  z.strictObject({ at, kind: z.literal('second'), who, own: z.boolean(), forMs }),
  /** The server tampers with each `every`-th relayed frame on its way to this one. */
  z.strictObject({
    at,
    kind: z.literal('tamper'),
    who,
    how: z.enum(['flip', 'replay', 'drop', 'noise']),
    every: z.number().int().positive().max(1_000),
    forMs,
  }),
])
export type Fault = z.infer<typeof fault>
export type FaultKind = Fault['kind']
export const faultKinds: readonly FaultKind[] = fault.options.map(option => option.shape.kind.value)

/** When all of it is over, ms since both were started. */
export function endOf(fault: Fault): number {
  if ('forMs' in fault) return fault.at + fault.forMs
  return fault.at + ('afterMs' in fault ? fault.afterMs : 0)
}

/** A fault in one line: `partition ABC-server for 1200 ms`. */
export function faultWords(fault: Fault): string {
  const { at: _, kind, ...rest } = fault
  const words = Object.entries(rest).map(([field, value]) => {
    if (field === 'forMs') return `for ${value} ms`
    if (field === 'afterMs') return `after ${value} ms`
    if (typeof value === 'object')
      return Object.entries(value)
        .map(([name, inner]) => `${name} ${inner}`)
        .join(' ')
    if (typeof value === 'boolean') return value ? field : `not ${field}`
    return field === 'every' ? `every ${value}` : String(value)
  })
  return [kind, ...words].join(' ')
}
