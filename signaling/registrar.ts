import { canonicalId } from '../protocol/id.js'
import { isRendezvous } from '../protocol/rendezvous.js'
import type { Attendance } from './attendance.js'
import type { Cluster } from './cluster/cluster.js'
import { RemoteSeat } from './cluster/remote-seat.js'
import { Connection, type Login } from './connection.js'
import type { HubCore } from './hub-core.js'
import type { HubOptions } from './hub-options.js'
import { elsewhere, type LoginProblem, taken } from './login-problem.js'
import type { Logins } from './logins.js'

export interface RegistrarParts {
  readonly logins: Logins
  readonly attendance: Attendance
  readonly namesKept: HubOptions['namesKept']
}

/** Who gets an id that logins ask for: of those who may have it (logins.ts), and with regard to who is online with it already. */
export class Registrar {
  readonly #core: HubCore
  readonly #parts: RegistrarParts

  constructor(core: HubCore, parts: RegistrarParts) {
    this.#core = core
    this.#parts = parts
  }

  login(connection: Connection, login: Login): void {
    if (connection.isOver) return
    const { cluster, seats } = this.#core
    const problem = this.#parts.logins.check(login, connection.challenge, connection.limitKey)
    if (problem) this.#refuse(connection, login, problem)
    else if (cluster && !(seats.of(canonicalId(login.id)) instanceof Connection))
      void this.#askCluster(connection, login, cluster)
    else this.#decide(connection, login)
  }

  /** An id that was let in while the names of the cluster could not be asked is another key's. False: it is in a call, which is not cut off for it. */
  lost(id: string, key: string): boolean {
    const seat = this.#core.seats.of(id)
    if (!(seat instanceof Connection) || seat.key !== key) return true
    if (this.#core.lobby.isBusy(id)) return false
    const [reason, message] = taken({ id: seat.id })
    seat.refuse(reason, message)
    return true
  }

  /** A proved login whose id is not online here. */
  async #askCluster(connection: Connection, login: Login, cluster: Cluster): Promise<void> {
    const mayHave = isRendezvous(login.id) || (await cluster.names.mayHave(login.id, login.key))
    const holding = mayHave ? await cluster.mailboxes.holding(login) : 'taken'
    if (connection.isOver) return
    if (holding === 'taken') this.#refuse(connection, login, taken(login))
    else if (holding === 'elsewhere') this.#refuse(connection, login, elsewhere(login))
    else this.#decide(connection, login, holding === 'same')
  }

  /** A proved login: is the id free, this program's own, or in use by another program with the same key? `comes`: it is here from another server. */
  #decide(connection: Connection, login: Login, comes = false): void {
    const holder = this.#core.seats.of(canonicalId(login.id))
    if (holder instanceof RemoteSeat) {
      if (holder.session !== login.session) this.#core.cluster!.owner.release(holder)
      this.#admit(connection, login, comes || holder.session === login.session)
    } else if (!(holder instanceof Connection)) this.#admit(connection, login, comes)
    else if (holder.key !== login.key) this.#refuse(connection, login, taken(login))
    else if (holder.session === login.session) this.#replace(holder, connection, login)
    else
      holder.probe(alive => {
        if (!connection.isOver) this.#decideAgain(connection, login, holder, alive)
      })
  }

  /** The older program answered or not; meanwhile it may have left, or a third one may have come. */
  #decideAgain(connection: Connection, login: Login, holder: Connection, alive: boolean): void {
    const current = this.#core.seats.of(canonicalId(login.id))
    if (!(current instanceof Connection)) this.#decide(connection, login)
    else if (current.key !== login.key) this.#refuse(connection, login, taken(login))
    else if (current.session === login.session || (current === holder && !alive))
      this.#replace(current, connection, login)
    else this.#refuse(connection, login, elsewhere(login))
  }

  #replace(holder: Connection, connection: Connection, login: Login): void {
    holder.close(4001, 'replaced')
    this.#admit(connection, login)
  }

  /** `comes`: its old socket is at another server, and stays in use until it names the other side here. */
  #admit(connection: Connection, login: Login, comes = false): void {
    const claim = this.#parts.logins.claim(login, connection.limitKey)
    if (typeof claim !== 'string') {
      this.#refuse(connection, login, claim)
      return
    }
    if (claim === 'bound' && this.#parts.namesKept) {
      // Meanwhile others may have come with the same key: so it is decided anew.
      void this.#parts.namesKept().then(() => {
        if (!connection.isOver) this.#decide(connection, login, comes)
      })
      return
    }
    const { id, key, session } = login
    connection.admit({ id, canonical: canonicalId(id), key, session })
    if (!comes) this.#parts.attendance.sitDown(connection)
  }

  #refuse(connection: Connection, login: Login, [reason, message]: LoginProblem): void {
    if (connection.isOver) return
    connection.id = login.id
    connection.refuse(reason, message)
  }
}
