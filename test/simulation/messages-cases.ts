/** Each message of a call, and each thing that may be done to it: all cases, and what must hold in each of them. */

import { type Letter, lettersOf, type Mistreatment, mistreated, script } from './messages.js'
import type { Outcome } from './outcome.js'
import type { Scenario } from './scenario.js'

const relay = { people: { ABC: { engine: false }, XYZ: { startMs: 200 } } }

/** Calls in which every message comes up: each adds the ones that the calls before it do not have. */
export const scripts: readonly (readonly [name: string, scenario: Scenario])[] = [
  ['a direct call', script({ lengthMs: 1_500, people: { XYZ: { startMs: 200 } } })],
  ['a broken connection', script({ ...relay, lengthMs: 2_500, faults: [{ at: 1_000, kind: 'cut', who: 'ABC' }] })],
  [
    'a restart of the server',
    script({ ...relay, lengthMs: 4_000, faults: [{ at: 1_000, kind: 'restart', forMs: 300 }] }),
  ],
  [
    'a direct route that dies',
    script({
      people: { XYZ: { startMs: 200 } },
      lengthMs: 3_500,
      faults: [{ at: 900, kind: 'directDies', way: 'both', forMs: 1_500 }],
    }),
  ],
  ['a long wait', script({ people: { ABC: { engine: false }, XYZ: { startMs: 6_000 } }, lengthMs: 1_000 })],
  ['two passwords', script({ ...relay, password: 'different', lengthMs: 1_500 })],
]

/** After a message others that leave within this are under way at the same time, ms: two ways over the server. */
const UNDER_WAY_MS = 80

/** What a websocket never loses and never reorders, and nobody says again: without it there is no call, only an end with a name. */
const ONLY_ONCE = / (call|matched|pass)$/

export interface Case {
  readonly scenario: Scenario
  readonly letter: Letter
  readonly how: Mistreatment
  /** For people: what is done to what, in which call. */
  readonly words: string
}

/** All cases, in order. Plays each script once to see its messages. */
export async function casesOf(kinds: readonly Mistreatment['kind'][]): Promise<Case[]> {
  const known = new Set<string>()
  const cases: Case[] = []
  for (const [name, scenario] of scripts) {
    const { letters } = await lettersOf(scenario)
    for (const letter of letters) {
      const key = `${scenario.password} ${letter.name} ${letter.nth}`
      if (known.has(key)) continue
      known.add(key)
      const around = letters.filter(
        other => other !== letter && other.at >= letter.at && other.at <= letter.at + UNDER_WAY_MS,
      )
      const hows: Mistreatment[] = [
        { kind: 'lost' },
        { kind: 'doubled' },
        { kind: 'late', ms: 300 },
        { kind: 'late', ms: 3_000 },
        ...around.map((by): Mistreatment => ({ kind: 'overtaken', by })),
      ]
      for (const how of hows.filter(({ kind }) => kinds.includes(kind)))
        cases.push({ scenario, letter, how, words: `${name}: ${letterWords(letter)} ${howWords(how)}` })
    }
  }
  return cases
}

/** Plays a case. Returns what is wrong with how it went, or null. */
export async function problemOf({ scenario, letter, how }: Case): Promise<string | null> {
  const outcome = await mistreated(scenario, letter, how)
  const { connected, ends, violations } = outcome
  const mayFail = how.kind !== 'doubled' && ONLY_ONCE.test(letter.name)
  const broken = violations.filter(({ invariant }) => !(mayFail && invariant === 'connects'))
  if (broken.length > 0) return broken.map(({ invariant, words }) => `${invariant}: ${words}`).join('; ')
  if (scenario.password === 'different') return connected ? 'they talked' : null
  if (mayFail) return ends.ABC.startsWith('never') || ends.XYZ.startsWith('never') ? endWords(outcome) : null
  if (!connected) return `they never talked; ${endWords(outcome)}`
  return ends.ABC === 'hungUp' && ends.XYZ === 'peerHungUp' ? null : `they do not end alike; ${endWords(outcome)}`
}

function endWords({ ends }: Outcome): string {
  return `ABC ended as ${ends.ABC}, XYZ as ${ends.XYZ}`
}

function letterWords({ name, nth }: Letter): string {
  return nth === 1 ? name : `${name} ${nth}`
}

function howWords(how: Mistreatment): string {
  if (how.kind === 'late') return `${how.ms} ms late`
  return how.kind === 'overtaken' ? `overtaken by ${letterWords(how.by)}` : how.kind
}
