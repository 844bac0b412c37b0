/** A simulated call as plain JSON: who calls how, what goes wrong, how it ends. A seed names one (grammar.ts). */
import { z } from 'zod'
import { fail, ok, type Result } from '../../protocol/result.js'
import { fault, faultWords, ids, nat, quality, who } from './fault.js'

const ms = z.number().int().nonnegative().max(10_000_000)

const person = z.strictObject({
  route: z.enum(['auto', 'direct', 'relay']).default('auto'),
  nat: nat.default('ordinary'),
  /** Of this one's access, both ways. */
  access: quality.default({}),
  /** Of this one's sound card, in millionths. */
  driftPpm: z.number().int().min(-200).max(200).default(0),
  /** False: this machine can't make direct connections. */
  engine: z.boolean().default(true),
  /** When the program is started, since the beginning. */
  startMs: ms.default(0),
})
export type PersonSetting = z.infer<typeof person>

const ending = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hangUp'), who }),
  z.strictObject({ kind: z.literal('both') }),
  z.strictObject({ kind: z.literal('killed'), who }),
  /** Nobody hangs up; this one's program does when its limit of talking is over. */
  z.strictObject({ kind: z.literal('limit'), who }),
  /** The other never comes: this one's limit of waiting ends it. */
  z.strictObject({ kind: z.literal('alone'), who }),
])
export type Ending = z.infer<typeof ending>

const scenario = z.strictObject({
  /** Of the world's randomness: packets' luck, keys. */
  seed: z.number().int().nonnegative().max(0xffffffff),
  people: z.strictObject({ ABC: person.prefault({}), XYZ: person.prefault({}) }).prefault({}),
  /** What both typed. */
  password: z.enum(['same', 'none', 'different', 'oneSide']).default('same'),
  framesPerEpoch: z.union([z.literal(0x10000), z.literal(0x100)]).default(0x10000),
  /** From the start of both to the ending, ms; of the limit, where a limit ends it. */
  lengthMs: ms.default(10_000),
  faults: z.array(fault).default([]),
  /** Before the ending the two are waited for, until they talk again with nothing wrong. */
  settles: z.boolean().default(true),
  ending: ending.default({ kind: 'hangUp', who: 'ABC' }),
  /** Whose key is not the one that the other has verified in an earlier call. */
  changedKey: z.enum(['nobody', ...ids]).default('nobody'),
})
export type Scenario = z.infer<typeof scenario>

/** Two who can't agree on keys: their passwords differ, or one is not whom the other knows. */
export function cannotAgree({ password, changedKey }: Scenario): boolean {
  return password === 'different' || password === 'oneSide' || changedKey !== 'nobody'
}

/** The plainest call: two people behind ordinary NATs talk for 10 s, nothing goes wrong, ABC hangs up. */
export function plainScenario(seed: number): Scenario {
  return scenario.parse({ seed })
}

/** Reads what `writeScenario` or a person wrote; what is left out is as in the plainest call. */
export function parseScenario(text: string): Result<Scenario, 'badScenario'> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return fail('badScenario', 'It is not JSON.')
  }
  const parsed = scenario.safeParse(json)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return fail('badScenario', `${issue?.path.join('.') || 'It'}: ${issue?.message}.`)
}

/** In one line, without what is as in the plainest call. */
export function writeScenario(written: Scenario): string {
  // Parsed anew for the order of its fields.
  const { seed, ...rest } = scenario.parse(written)
  const { seed: _, ...plain } = plainScenario(seed)
  return JSON.stringify({ seed, ...(without(rest, plain) as object | undefined) })
}

/** What of `value` differs from `plain`; undefined: nothing. Lists are one value. */
function without(value: unknown, plain: unknown): unknown {
  if (JSON.stringify(value) === JSON.stringify(plain)) return undefined
  if (!isRecord(value) || !isRecord(plain) || 'kind' in value) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([field, inner]) => {
      const left = without(inner, plain[field])
      return left === undefined ? [] : [[field, left]]
    }),
  )
}

function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A scenario for people: a line of the call, a line a fault. What is as in the plainest call is not said. */
export function scenarioLines(scenario: Scenario): string[] {
  const { faults, people, lengthMs, ending, password, changedKey, framesPerEpoch } = scenario
  const plain = plainScenario(scenario.seed).people
  const persons = (['ABC', 'XYZ'] as const).map(id => {
    const differs = without(people[id], plain[id])
    return `${id}${differs ? `: ${JSON.stringify(differs).replaceAll(/["{}]/g, '').replaceAll(/[:,]/g, '$& ')}` : ' as usual'}`
  })
  const changed = changedKey === 'nobody' ? '' : `; the key of ${changedKey} changed`
  const words = 'who' in ending ? `${ending.kind} ${ending.who}` : ending.kind
  return [
    `${persons.join('; ')}; password ${password}${changed}; ${framesPerEpoch} frames an epoch; ${words} at ${lengthMs} ms`,
    ...faults.map(fault => `${String(fault.at).padStart(8)} ms  ${faultWords(fault)}`),
  ]
}
