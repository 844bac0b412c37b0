/** What is counted of a simulated call. */

import { LEG_HEADER_BYTES } from '../../protocol/relay-leg.js'
import { decodeSframeHeader } from '../../protocol/sframe.js'
import type { Outcome } from './outcome.js'
import type { Program } from './play-program.js'
import type { Seen } from './world.js'

/** How often the voice took another way: changes of the route from one view to the next while talking. */
export function figuresOf(programs: readonly Program[]): Pick<Outcome, 'routeChanges'> {
  let routeChanges = 0
  for (const { person } of programs)
    for (const [i, view] of person.views.entries()) {
      const before = person.views[i - 1]
      if (view.state === 'talking' && before?.state === 'talking' && view.route !== before.route) routeChanges++
    }
  return { routeChanges }
}

/** A KID is epoch * 4 + chain (protocol/sealing.ts). */
const CHAINS = 4

/** Counts keys that were replaced by those of the next epoch, from what sealed frames say in the clear. */
export class KeyMeter {
  rotations = 0
  /** The latest epoch of each chain of each sender. */
  readonly #epochs = new Map<string, number[]>()

  note({ from, medium, data }: Seen): void {
    if (typeof data === 'string' || from === 'server' || medium === 'signaling' || medium === 'handshake') return
    if (medium === 'relay' && data[0] !== 1) return
    const header = decodeSframeHeader(medium === 'relay' ? data.subarray(LEG_HEADER_BYTES) : data)
    if (!header.ok) return
    const kid = Number(header.value.kid)
    const epochs = this.#epochs.get(from) ?? [0, 0, 0, 0]
    this.#epochs.set(from, epochs)
    const [chain, epoch] = [kid % CHAINS, Math.floor(kid / CHAINS)]
    const before = epochs[chain] ?? 0
    if (epoch > before) this.rotations += epoch - before
    // Epochs begin at 0 again when keys are agreed anew.
    epochs[chain] = epoch
  }
}
