/**
 * A malicious relay: frames on their way from the server are changed, replayed, dropped, or joined by noise. What the leg between the
 * server and a peer needs for itself is left alone: a server that breaks that serves nobody, which it can have more cheaply.
 */
import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'

import type { Fault } from './fault.js'
import type { Seen, World } from './world.js'

type Tamper = Extract<Fault, { kind: 'tamper' }>
type Pass = (data: string | Uint8Array, afterMs?: number) => void

interface Active {
  readonly fault: Tamper
  /** The machine's name that it is done to. */
  readonly to: () => string | undefined
  seen: number
}

/** The first byte of a frame of the relay; others are acknowledgements (protocol/relay-leg.ts). */
const FRAME = 1
/** So many old frames are kept to be replayed. */
const KEPT = 64

export class Tampering {
  readonly #active = new Set<Active>()
  readonly #old: Uint8Array[] = []
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Returns how to end it. */
  begin(fault: Tamper, to: () => string | undefined): () => void {
    const active = { fault, to, seen: 0 }
    this.#active.add(active)
    this.#world.intercept = (seen, pass) => this.#intercept(seen, pass)
    return () => {
      this.#active.delete(active)
      if (this.#active.size === 0) this.#world.intercept = null
    }
  }

  #intercept({ from, to, medium, data }: Seen, pass: Pass): void {
    if (from !== 'server' || medium !== 'relay' || typeof data === 'string' || data[0] !== FRAME) return pass(data)
    // Its turn comes with every so many-th frame, for the first that has one.
    const due = [...this.#active].filter(active => active.to() === to && ++active.seen % active.fault.every === 0)
    if (due[0]) this.#tamper(due[0].fault.how, data, pass)
    else pass(data)
    this.#old.push(data.slice())
    if (this.#old.length > KEPT) this.#old.shift()
  }

  #tamper(how: Tamper['how'], data: Uint8Array, pass: Pass): void {
    const { random } = this.#world
    switch (how) {
      case 'drop':
        return
      case 'flip': {
        const flipped = data.slice()
        const at = Math.floor(random.between(LEG_HEADER_BYTES, data.length))
        flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random.between(0, 8)))
        return pass(flipped)
      }
      case 'replay': {
        pass(data)
        const old = this.#old[Math.floor(random.between(0, this.#old.length))]
        if (old) pass(old.slice())
        return
      }
      case 'noise': {
        pass(data)
        // With some of the true header, so that it comes as far as the keys now and then.
        const noise = random.bytes(data.length)
        noise.set(data.subarray(0, LEG_HEADER_BYTES + Math.floor(random.between(0, 6))))
        return pass(noise)
      }
    }
  }
}
