/** What a malicious server does with all that passes through it. */
import type { FromPeer, FromServer } from '../../../protocol/signaling.js'
import type { SeededRandom } from '../../simulation/seeded-random.js'

/** A peer's connection. */
export interface Client {
  /** As it logged in; empty before. */
  readonly id: string
  /** The other one who is there; null: nobody. */
  readonly other: Client | null
  /** Says something to this peer, past the honest part of the server. */
  say(data: string | Uint8Array): void
}

/** Something on its way: `up` from a peer into the server, `down` from the server to a peer. */
export interface Passing {
  readonly client: Client
  readonly direction: 'up' | 'down'
  readonly data: string | Uint8Array
  /** What a text says; null: it is binary. */
  readonly message: FromPeer | FromServer | null
  /** Lets it on, or something else in its place; now or later, once, more often or never. */
  pass(data?: string | Uint8Array): void
}

/** Who sits on the server. */
export interface Mallory {
  readonly random: SeededRandom
  /** Tells what was done, for those who want to know that it was. */
  did(what: string): void
  /** Logs in as someone with a login that was overheard. */
  enter(login: string): void
}

/** Gets all that passes. What it does not let on is gone. */
export type Trick = (passing: Passing) => void

export type MakeTrick = (mallory: Mallory, seed: number) => Trick

/** The nth of them, by the seed. */
export function pick<T>(all: readonly T[], seed: number): T {
  return all[seed % all.length]!
}
