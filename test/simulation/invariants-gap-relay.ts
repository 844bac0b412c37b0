/** Whether the relay works for two people right now, by what their machines, paths and the server really do. */
import type { HubEvent } from '../../signaling/index.js'
import { endOf, type Fault } from './fault.js'
import type { Path } from './path.js'
import type { Program } from './play-program.js'
import type { Scenario } from './scenario.js'
import type { World } from './world.js'

/** Streams that died or waited are found out, opened anew or go on within this after what befell them, ms. */
const AFTER_FAULT_MS = 30_000
/** The same after a single segment was lost: its retransmission, which may be lost again, and the buffer that grew by it. */
const AFTER_LOSS_MS = 5_000
/** Matched anew, voice starts within this, ms. */
const AFTER_MATCH_MS = 2_000

/** Counts what streams lose on a path, leaving datagrams aside. */
class StreamLosses {
  #datagrams = 0

  constructor(private readonly path: Path) {
    const send = path.datagram.bind(path)
    path.datagram = (bytes, deliver) => {
      const before = path.figures.lost
      send(bytes, deliver)
      this.#datagrams += path.figures.lost - before
    }
  }

  get count(): number {
    return this.path.figures.lost - this.#datagrams
  }
}

export class RelayWatch {
  readonly #world: World
  readonly #faults: readonly Fault[]
  readonly #losses = new Map<Path, { readonly losses: StreamLosses; seen: number; at: number }>()
  readonly #online = new Set<string>()
  #matchedAt: number | null = null

  constructor(world: World, { faults }: Scenario) {
    this.#world = world
    this.#faults = faults.filter(touchesRelay)
  }

  started({ person: { host } }: Program): void {
    for (const path of [host.up, host.down])
      if (!this.#losses.has(path))
        this.#losses.set(path, { losses: new StreamLosses(path), seen: 0, at: Number.NEGATIVE_INFINITY })
  }

  hub(event: HubEvent, now: number): void {
    if (event.event === 'online') this.#online.add(event.id)
    if (event.event === 'offline') this.#online.delete(event.id)
    if (event.event === 'connected') this.#matchedAt = now
    if (event.event === 'ended') this.#matchedAt = null
  }

  /** Why it does not work for these two at `now` (ms since both were started), or did not a moment before; null: it works. */
  trouble(programs: readonly [Program, Program], now: number): string | null {
    for (const fault of this.#faults)
      if (now >= fault.at && now < endOf(fault) + AFTER_FAULT_MS) return `fault ${fault.kind}`
    const { server } = this.#world
    if (!server.hub || !server.host.isRunning) return 'server down'
    for (const { id, person } of programs) {
      const { host } = person
      if (!host.isRunning || host.asleep) return 'machine stands still'
      if (!this.#online.has(id)) return 'not logged in'
      for (const path of [host.up, host.down]) {
        if (path.quality.rateKbps !== null) return 'narrow path'
        if (this.#lostLately(path, now)) return 'loss on the relay'
      }
    }
    return this.#matchedAt === null || now < this.#matchedAt + AFTER_MATCH_MS ? 'not matched' : null
  }

  #lostLately(path: Path, now: number): boolean {
    const entry = this.#losses.get(path)
    if (!entry) return false
    const { count } = entry.losses
    if (count > entry.seen) entry.at = now
    entry.seen = count
    return now - entry.at < AFTER_LOSS_MS
  }
}

/** From one to the other over the server at worst, ms. */
export function relayDelay(from: Program, to: Program): number {
  const [up, down] = [from.person.host.up.quality, to.person.host.down.quality]
  return up.delayMs + up.jitterMs + down.delayMs + down.jitterMs
}

/** What befalls the direct route alone is no excuse. */
function touchesRelay(fault: Fault): boolean {
  switch (fault.kind) {
    case 'nat':
    case 'directDies':
    case 'directWorse':
    case 'mute':
    case 'unmute':
    case 'confirm':
      return false
    case 'partition':
      return fault.between !== 'ABC-XYZ'
    default:
      return true
  }
}
