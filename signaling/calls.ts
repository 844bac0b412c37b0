import type { FromServer } from '../protocol/signaling.js'
import { RemoteSeat } from './cluster/remote-seat.js'
import type { HubCore } from './hub-core.js'
import type { LobbyEffect, Pair } from './lobby.js'
import type { Meter } from './meter.js'
import type { Drops, Seat } from './seat.js'
import type { CallEnd } from './tally.js'

/** Does what the lobby decides about calls: those concerned are told, and it is counted. */
export class Calls {
  readonly #core: HubCore
  readonly #meter: Meter
  readonly #effects: LobbyEffect[] = []
  #running = false
  #silent = false

  constructor(core: HubCore, meter: Meter) {
    this.#core = core
    this.#meter = meter
  }

  /** Effects that wait for their turn. */
  get waiting(): number {
    return this.#effects.length
  }

  /** The server ends: nobody is told any more who else has left. */
  silence(): void {
    this.#silent = true
  }

  /** In order, one after the other: telling one may find its socket stuck, which is the lobby's next event. */
  run(effects: readonly LobbyEffect[]): void {
    this.#effects.push(...effects)
    if (this.#running) return
    this.#running = true
    for (let effect = this.#effects.shift(); effect; effect = this.#effects.shift()) this.#do(effect)
    this.#running = false
  }

  #do(effect: LobbyEffect): void {
    switch (effect.kind) {
      case 'tell':
        if (!this.#silent) this.#tell(effect.to, effect.message)
        return
      case 'joined':
        this.#core.cluster?.joined(effect.callId, effect.ids)
        this.#joined(effect)
        return
      case 'ended':
        this.#ended(effect.ids, effect.why)
    }
  }

  #tell(to: string, message: FromServer): void {
    const seat = this.#core.seats.of(to)
    if (seat) seat.tell(message)
    else this.#core.cluster?.mailboxes.tell(to, message)
  }

  #joined({ ids, resumed, begunBy }: Extract<LobbyEffect, { kind: 'joined' }>): void {
    const { seats, tally, report } = this.#core
    const sides = seats.ofAll(ids)
    this.#meter.began(seats.ofAll(begunBy))
    this.#meter.joined(sides)
    if (resumed) tally.callsResumed++
    else tally.callsStarted++
    report({ event: 'connected', connections: numbersOf(sides), ids, resumed })
  }

  #ended(ids: Pair, why: CallEnd): void {
    const { seats, lobby, tally, report, cluster } = this.#core
    tally.callsEnded[why]++
    const sides = seats.ofAll(ids)
    this.#meter.ended(sides)
    const drops: Record<number, Drops> = {}
    for (const connection of sides) {
      connection.callEnded()
      const dropped = connection.takeDrops()
      if (connection.number !== null && Object.keys(dropped).length > 0) drops[connection.number] = dropped
    }
    report({ event: 'ended', connections: numbersOf(sides), ids, why, drops })
    // Who was here for this call alone has no more business here, unless another one with the same person is beginning.
    for (const seat of sides)
      if (seat instanceof RemoteSeat && lobby.callOf(seat.id) === null) cluster!.owner.release(seat)
  }
}

/** Those of this server. */
function numbersOf(seats: readonly Seat[]): number[] {
  return seats.flatMap(({ number }) => number ?? [])
}
