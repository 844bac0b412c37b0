import { type Refusal, refusals } from '../protocol/signaling.js'
import type { Calls } from './calls.js'
import type { Closing, Connection } from './connection.js'
import type { HubCore } from './hub-core.js'
import type { Logins } from './logins.js'
import type { Meter } from './meter.js'

export interface AttendanceParts {
  readonly logins: Logins
  readonly meter: Meter
  readonly calls: Calls
}

/** Who is here with a socket of this server: whoever has to know hears that a session has come, or has left. */
export class Attendance {
  readonly #core: HubCore
  readonly #parts: AttendanceParts
  readonly #leaving = new Set<Connection>()

  constructor(core: HubCore, parts: AttendanceParts) {
    this.#core = core
    this.#parts = parts
  }

  /** Sockets whose session has gone on elsewhere just now. */
  get leaving(): number {
    return this.#leaving.size
  }

  /** A session is here, and at no other server. */
  sitDown(connection: Connection): void {
    this.#core.seats.place(connection)
    this.#core.lobby.online(connection.id)
    this.hasSatDown(connection)
  }

  /** The same of one whose id has its seat already. */
  hasSatDown(connection: Connection): void {
    const { tally, report, cluster } = this.#core
    tally.logins++
    report({ event: 'online', connection: connection.number, id: connection.id })
    cluster?.arrived(connection)
  }

  /** A connection is over. */
  over(connection: Connection, why: Closing | 'gone'): void {
    const { seats, lobby, tally, report } = this.#core
    const { id, canonical, number } = connection
    tally.closed[why]++
    this.#leaving.delete(connection)
    this.#parts.meter.left(connection)
    if (seats.holds(connection)) {
      seats.vacate(canonical)
      this.#hasLeft(connection, why)
      this.#parts.calls.run(lobby.offline(id))
    } else if (isRefusal(why)) {
      tally.refused[why]++
      report({ event: 'refused', connection: number, why, ...(id && { id }) })
      // One that was replaced from another server has been told of already.
    } else if (why !== 'gone' && why !== 'replaced') report({ event: 'closed', connection: number, why })
  }

  /** The session of a connection goes on at another server. */
  goesOn(connection: Connection): void {
    this.#hasLeft(connection, 'replaced')
    this.#leaving.add(connection)
    connection.linger()
  }

  #hasLeft(connection: Connection, why: Closing | 'gone'): void {
    const { number, id, key } = connection
    this.#core.report({ event: 'offline', connection: number, id, why, drops: connection.takeDrops() })
    this.#parts.logins.left(id, key)
    this.#core.cluster?.left(connection)
  }
}

function isRefusal(why: Closing | 'gone'): why is Refusal {
  return (refusals as readonly string[]).includes(why)
}
