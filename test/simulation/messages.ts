/**
 * Every message of a call, by name, and what a bad network or server may do to one of them: lose it, double it, bring it late, let another
 * overtake it. Sealed packets are told apart by who looks over the sealer's shoulder.
 */
import { negotiationKinds } from '../../protocol/negotiation.js'
import type { Packet } from '../../protocol/packet.js'
import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { Sealer } from '../../protocol/sealing.js'
import { type Invariant, invariants } from './invariants.js'
import type { Outcome } from './outcome.js'
import { play } from './play.js'
import { parseScenario, type Scenario } from './scenario.js'
import type { Intercept, Seen } from './world.js'

/** A message as it leaves: `ABC>server call`, `ABC relay offer`; the `nth` of that name, from 1; ms since both were started. */
export interface Letter {
  readonly name: string
  readonly nth: number
  readonly at: number
}

/** `late`: by so many ms. `overtaken`: held back until the other has left. */
export type Mistreatment =
  | { readonly kind: 'lost' | 'doubled' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'overtaken'; readonly by: Letter }

/** One that is to be overtaken waits this long for the other, which perhaps only answers it, ms. */
const PATIENCE_MS = 1_000

/** Names of what was sealed, by its last bytes. */
let sealed = new Map<string, string>()
let openings = new WeakMap<Sealer, Map<number, string>>()

const { seal } = Sealer.prototype
Sealer.prototype.seal = function (packet, size) {
  const bytes = seal.call(this, packet, size)
  sealed.set(tailOf(bytes), packetName(this, packet))
  return bytes
}

function tailOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(-12)).toString('latin1')
}

function packetName(by: Sealer, packet: Packet): string {
  if (packet.kind === 'bye' || packet.kind === 'probe') return packet.answer ? `${packet.kind} answer` : packet.kind
  if (packet.kind !== 'ordered') return packet.kind
  const { seq, data, last } = packet
  if (data.length === 0 && !last) return 'acknowledged'
  const pieces = openings.get(by) ?? new Map<number, string>()
  openings.set(by, pieces)
  const before = pieces.get(seq - 1)
  const goesOn = before !== undefined && !before.endsWith('.')
  const kind = goesOn ? before.split(' ')[0] : (negotiationKinds[(data[0] ?? 0) - 1] ?? 'unknown')
  const name = goesOn ? `${kind} more` : `${kind}`
  pieces.set(seq, last ? `${name}.` : name)
  return name
}

/** What left a peer or the server, in words; null: it is the same message as another one. */
export function nameOf({ from, to, medium, data }: Seen): string | null {
  if (typeof data === 'string') {
    const { type } = JSON.parse(data)
    // What the server passes on left a peer before.
    return type === 'pass' && from !== 'server' ? null : `${from}>${to} ${type}`
  }
  if (medium === 'relay' && data[0] === 2) return `${from}>${to} relay ack`
  if (medium === 'relay' && from === 'server') return null
  const name = sealed.get(tailOf(medium === 'relay' ? data.subarray(LEG_HEADER_BYTES) : data))
  return `${from} ${medium} ${name ?? 'unknown'}`
}

export function script(call: object): Scenario {
  const parsed = parseScenario(JSON.stringify({ seed: 7, ...call }))
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}

/** Plays a call with this in the way of all its messages, each by its name and number. */
async function playWith(scenario: Scenario, saboteur: Invariant): Promise<Outcome> {
  sealed = new Map()
  openings = new WeakMap()
  return await play(scenario, { invariants: [saboteur, ...invariants] })
}

/** The messages of a call, in order: all flights of the key agreement, and the first of each other name. */
export async function lettersOf(scenario: Scenario): Promise<{ letters: Letter[]; outcome: Outcome }> {
  const letters: Letter[] = []
  const saboteur: Invariant = {
    name: 'observer',
    watch(call) {
      call.world.intercept = counted((letter, _seen, pass) => {
        if (letter && (letter.nth === 1 || letter.name.endsWith(' pass'))) letters.push({ ...letter, at: call.now() })
        pass()
      })
      return {}
    },
  }
  const outcome = await playWith(scenario, saboteur)
  return { letters, outcome }
}

/** Plays the call once more, and does that to that message. */
export async function mistreated(scenario: Scenario, letter: Letter, how: Mistreatment): Promise<Outcome> {
  const saboteur: Invariant = {
    name: 'saboteur',
    watch(call) {
      let held: (() => void) | null = null
      const release = () => {
        held?.()
        held = null
      }
      call.world.intercept = counted((seen, _, pass) => {
        if (!seen) return pass()
        if (isSame(seen, letter)) {
          const trouble = call.troubles.begin('tamper', call.now())
          trouble.to = call.now()
          if (how.kind === 'late') return pass(how.ms)
          if (how.kind === 'doubled') pass()
          if (how.kind === 'overtaken') {
            held = pass
            call.world.clock.setTimeout(release, PATIENCE_MS)
          } else if (how.kind === 'doubled') pass()
          return
        }
        pass()
        if (how.kind === 'overtaken' && isSame(seen, how.by)) release()
      })
      return {}
    },
  }
  return await playWith(scenario, saboteur)
}

type Take = (letter: Omit<Letter, 'at'> | null, seen: Seen, pass: (afterMs?: number) => void) => void

/** An interception that counts messages of each name. */
function counted(take: Take): Intercept {
  const counts = new Map<string, number>()
  return (seen, pass) => {
    const data = typeof seen.data === 'string' ? seen.data : seen.data.slice()
    const name = nameOf(seen)
    const nth = name === null ? 0 : (counts.get(name) ?? 0) + 1
    if (name !== null) counts.set(name, nth)
    take(name === null ? null : { name, nth }, seen, afterMs => pass(data, afterMs))
  }
}

function isSame(a: Omit<Letter, 'at'>, b: Letter): boolean {
  return a.name === b.name && a.nth === b.nth
}
