/** A program that runs in a simulated call: one side of it, until it ends. Times: ms since both were started. */
import type { PeerEnd } from '../../peer/peer.js'
import type { Id } from './fault.js'
import type { Person } from './world.js'

export interface Program {
  readonly id: Id
  /** As the timeline names it: `ABC`, `ABC 2` for the next one of ABC, `ABC's second`. */
  readonly name: string
  /** `second`: another program with an id that is in use. */
  readonly role: 'caller' | 'second'
  readonly person: Person
  readonly startedAt: number
  /** Set when it is over; the reason is null where it was killed. */
  endedAt: number | null
  end: PeerEnd | null
  killed: boolean
  /** When its person hung up. */
  hungUpAt: number | null
  /** In which state it was, unless it waited, when it was hung up because all was over; null: it had ended by itself. */
  leftIn: string | null
}

export function isRunning(program: Program | undefined): program is Program {
  return program !== undefined && program.endedAt === null
}

/** It talks, hears, and knows a way. */
export function talksWell({ person: { peer } }: Program): boolean {
  const { state, route, silent } = peer.view
  return state === 'talking' && route !== null && !silent
}
