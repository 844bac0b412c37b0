/** Looks over the shoulders of sealers and openers: what they are given and what they give. It changes nothing. */
import type { Packet } from '../../protocol/packet.js'
import type { Result } from '../../protocol/result.js'
import { type Opened, Opener, type OpenProblem, Sealer } from '../../protocol/sealing.js'

export interface SealingObserver {
  sealed?(by: Sealer, bytes: Uint8Array, packet: Packet): void
  opened?(by: Opener, bytes: Uint8Array, opened: Result<Opened, OpenProblem>): void
}

/** Of the call that is played now; there is one at a time in each thread. */
const observers = new Map<string, SealingObserver>()

/** From now on `observer` gets all; it takes the place of the one of that name. */
export function observeSealing(name: string, observer: SealingObserver): void {
  observers.set(name, observer)
}

// For good: prototypes of production code, in tests alone.
const { seal } = Sealer.prototype
Sealer.prototype.seal = function (packet, size) {
  const bytes = seal.call(this, packet, size)
  for (const observer of observers.values()) observer.sealed?.(this, bytes, packet)
  return bytes
}
const { open } = Opener.prototype
Opener.prototype.open = function (bytes) {
  const opened = open.call(this, bytes)
  for (const observer of observers.values()) observer.opened?.(this, bytes, opened)
  return opened
}
