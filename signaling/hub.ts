/**
 * The server's core: connections, logins, the lobby, the relay. Sockets, clock and randomness are handed in, so it runs
 * in the simulated world unchanged.
 */
import { toBase64url } from '../protocol/bytes.js'
import { canonicalId, sameId } from '../protocol/id.js'
import { counterpartOf, isRendezvous } from '../protocol/rendezvous.js'
import { fail } from '../protocol/result.js'
import { type FromServer, type Refusal, refusals } from '../protocol/signaling.js'
import { Cluster } from './cluster/cluster.js'
import type { ClusterHub } from './cluster/cluster-hub.js'
import { ClusterNames } from './cluster/cluster-names.js'
import { RemoteSeat } from './cluster/remote-seat.js'
import { type Closing, Connection, type Login, type Request } from './connection.js'
import type { ConnectionOwner } from './connection-owner.js'
import { Counts } from './counts.js'
import type { HubEvent } from './hub-event.js'
import type { HubOptions } from './hub-options.js'
import { defaultLimits, type Limits } from './limits.js'
import { Lobby, type LobbyEffect, type Pair } from './lobby.js'
import { elsewhere, type LoginProblem, taken } from './login-problem.js'
import { Logins } from './logins.js'
import { Meter } from './meter.js'
import { Names } from './names.js'
import type { Drops, Seat } from './seat.js'
import { Seats } from './seats.js'
import type { ServerSocket } from './server-socket.js'
import { type CallEnd, Tally } from './tally.js'

const NO_ECHO =
  'This server has no echo. Start it with voicechat-server --echo, or leave --server away to test on this machine.'

export class Hub {
  readonly #options: HubOptions
  readonly #owner: ConnectionOwner
  readonly #limits: Limits
  readonly #lobby: Lobby
  readonly #names: Names
  readonly #report: (event: HubEvent) => void
  readonly #tally: Tally
  readonly #connections = new Set<Connection>()
  readonly #perAddress = new Counts()
  readonly #seats = new Seats()
  readonly #logins: Logins
  readonly #meter: Meter
  readonly #effects: LobbyEffect[] = []
  readonly #cluster: Cluster | null
  #running = false
  #closed = false
  #draining = false
  #connected = 0

  constructor(options: HubOptions) {
    this.#options = options
    const limits = { ...defaultLimits, ...options.limits }
    this.#limits = limits
    this.#lobby = new Lobby(() => toBase64url(options.random(16)), options.cluster !== undefined)
    this.#names = options.names ?? new Names(limits.names, limits.nameDays)
    this.#report = options.report ?? (() => {})
    this.#tally = options.tally ?? new Tally(() => options.clock.now())
    this.#logins = new Logins({ ...options, names: this.#names, limits })
    this.#meter = new Meter({
      clock: options.clock,
      limits,
      tally: this.#tally,
      isOwn: options.isOwn ?? (() => false),
      seats: () => this.#seats.all(),
      otherOf: connection => this.#otherOf(connection),
    })
    const { inTurn = (_, act) => act() } = options
    this.#owner = {
      clock: options.clock,
      limits,
      tally: this.#tally,
      server: options.server ?? 'voicechat-server',
      ice: ({ canonical }) => options.ice?.(canonical) ?? null,
      login: (connection, login) => inTurn(connection.limitKey, () => this.#login(connection, login)),
      request: (connection, request) => this.#request(connection, request),
      relay: (connection, message, now) => this.#relay(connection, message, now),
      over: (connection, why) => this.#over(connection, why),
      released: connection => this.#released(connection),
    }
    const { cluster } = options
    this.#cluster = cluster ? this.#join(cluster) : null
  }

  /** Peers online. */
  get peers(): number {
    return this.#lobby.peers - (this.#cluster?.figures.remote ?? 0)
  }

  /** The other servers of the cluster; null: this one is alone. */
  get cluster(): Pick<Cluster, 'figures'> | null {
    return this.#cluster
  }

  /** Calls whose two sides are both here. */
  get calls(): number {
    return this.#lobby.calls
  }

  /** The same, by the way of their voice: `relay` if it went through here within the last second; `other`: directly, or not yet at all. */
  get callsByRoute(): { readonly relay: number; readonly other: number } {
    let relay = 0
    for (const seat of this.#seats.all()) {
      const to = this.#lobby.relayTo(seat.canonical)
      if (to !== null && seat.canonical < to && (seat.hears || this.#seats.of(to)?.hears)) relay++
    }
    return { relay, other: this.calls - relay }
  }

  /** How many ids or addresses have used more than 80 % of each quota. */
  get quotasNearlyUsedUp(): Meter['nearlyUsedUp'] {
    return this.#meter.nearlyUsedUp
  }

  /** Sockets that are not closed yet. */
  get sockets(): number {
    return this.#connections.size
  }

  /** How much waits or is remembered, by what it is: of queues that each connection has, the longest. All of it is bounded. */
  get backlog(): Readonly<Record<string, number>> {
    const each = [...this.#connections].map(({ backlog }) => backlog)
    return {
      sockets: this.#connections.size,
      addresses: this.#perAddress.size,
      online: this.#seats.size,
      sessions: this.#lobby.peers,
      named: this.#lobby.mostNamed,
      effects: this.#effects.length,
      names: this.#names.size,
      rendezvous: this.#logins.rendezvous,
      quotas: this.#meter.size,
      relayQueue: Math.max(0, ...each.map(({ relayQueue }) => relayQueue)),
      probes: Math.max(0, ...each.map(({ probes }) => probes)),
    }
  }

  /** Takes a new socket, in the turn of the event loop in which it opened. `limitKey`: its address as limits count it. */
  connect(socket: ServerSocket, limitKey: string): void {
    const sockets = this.#perAddress.of(limitKey)
    this.#perAddress.add(limitKey)
    const challenge = this.#options.random(32)
    const connection = new Connection(socket, ++this.#connected, limitKey, challenge, this.#owner)
    this.#connections.add(connection)
    if (this.#closed) connection.close(1001, 'closing')
    else if (this.#connections.size > this.#limits.sockets)
      connection.refuse('tooMany', 'This server is full. Try again later.')
    else if (sockets >= this.#limits.socketsPerAddress)
      connection.refuse('tooMany', 'Too many connections from your address. Close some, or try again later.')
  }

  /** Nobody is here, and no call of another server's. */
  get isEmpty(): boolean {
    return this.#seats.size === 0
  }

  /** It is to end soon: no new calls, and nobody should come here. */
  announceDrain(): void {
    this.#draining = true
    this.#cluster?.presence.announceDrain()
  }

  /** The same now. True: who is here was asked to go on at another server of the cluster. */
  drain(): boolean {
    this.announceDrain()
    return this.#cluster?.moveAll() ?? false
  }

  /** Closes every connection; `restarting` tells each when to come back, ms, and for how long to try. */
  close(restarting?: { readonly reconnectInMs: () => number; readonly tryForMs: number }): void {
    this.#closed = true
    this.#cluster?.close()
    this.#meter.close()
    for (const connection of [...this.#connections]) {
      if (connection.isOver) continue
      if (restarting)
        connection.tell({
          type: 'restarting',
          reconnectInMs: restarting.reconnectInMs(),
          tryForMs: restarting.tryForMs,
        })
      connection.close(restarting ? 1012 : 1001, restarting ? 'restarting' : 'closing')
    }
  }

  /** Cuts every socket that has not finished closing. */
  terminate(): void {
    for (const connection of this.#connections) connection.cut()
  }

  /** Who may come in has changed: whoever is online and may not be any more has to go. */
  admissionChanged(): void {
    for (const connection of this.#seats.connections())
      if (!this.#logins.allows(connection.id, connection.key))
        connection.refuse('notAllowed', 'You may not use this server any more. Ask the person who runs it.')
  }

  #login(connection: Connection, login: Login): void {
    if (connection.isOver) return
    const problem = this.#logins.check(login, connection.challenge, connection.limitKey)
    if (problem) this.#refuse(connection, login, problem)
    else if (this.#cluster && !(this.#seats.of(canonicalId(login.id)) instanceof Connection))
      void this.#askCluster(connection, login, this.#cluster)
    else this.#decide(connection, login)
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

  /** An id that was let in while the names of the cluster could not be asked is another key's. A call that runs is not cut off for it. */
  #lostName(id: string, key: string): void {
    const seat = this.#seats.of(id)
    if (!(seat instanceof Connection) || seat.key !== key || this.#lobby.callOf(id) !== null) return
    const [reason, message] = taken({ id: seat.id })
    seat.refuse(reason, message)
  }

  /** A proved login: is the id free, this program's own, or in use by another program with the same key? `comes`: it is here from another server. */
  #decide(connection: Connection, login: Login, comes = false): void {
    const holder = this.#seats.of(canonicalId(login.id))
    if (holder instanceof RemoteSeat) {
      if (holder.session !== login.session) this.#cluster!.owner.release(holder)
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
    const current = this.#seats.of(canonicalId(login.id))
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
    const claim = this.#logins.claim(login, connection.limitKey)
    if (typeof claim !== 'string') {
      this.#refuse(connection, login, claim)
      return
    }
    if (claim === 'bound' && this.#options.namesKept) {
      // Meanwhile others may have come with the same key: so it is decided anew.
      void this.#options.namesKept().then(() => {
        if (!connection.isOver) this.#decide(connection, login, comes)
      })
      return
    }
    const { id, key, session } = login
    connection.admit({ id, canonical: canonicalId(id), key, session })
    if (!comes) this.#sitDown(connection)
  }

  /** A session is here, and at no other server. */
  #sitDown(connection: Connection): void {
    this.#seats.place(connection)
    this.#lobby.online(connection.id)
    this.#hasSatDown(connection)
  }

  #hasSatDown(connection: Connection): void {
    this.#tally.logins++
    this.#report({ event: 'online', connection: connection.number, id: connection.id })
    this.#cluster?.arrived(connection)
  }

  /** One that has come from another server names the other side: from now on it is here. */
  #arrive(connection: Connection, cluster: Cluster, request: Extract<Request, { type: 'call' }>): void {
    const seat = this.#seats.of(connection.canonical)
    if (seat instanceof RemoteSeat && seat.session === connection.session) {
      this.#seats.place(connection)
      cluster.owner.replaced(seat)
      this.#hasSatDown(connection)
      this.#request(connection, request)
      return
    }
    void cluster.mailboxes.take(connection, request).then(owner => {
      if (connection.isOver) return
      const present = this.#seats.of(connection.canonical)
      if (present instanceof RemoteSeat) cluster.owner.release(present)
      else if (present instanceof Connection) present.close(4001, 'replaced')
      this.#sitDown(connection)
      const callId = request.resume
      if (owner === null || callId === undefined) return this.#request(connection, request)
      const { canonical } = connection
      cluster.gateway.attach(connection, owner, callId)
      const result = this.#lobby.call(canonical, request.to, callId)
      // The other side may have come here as well; else the call goes on where it was.
      if (result.ok && this.#lobby.callOf(canonical) !== null) return this.#run(result.value)
      this.#run(this.#lobby.matchedElsewhere(canonical, callId))
      connection.tell({ type: 'matched', callId, peer: request.to, resumed: true })
    })
  }

  #refuse(connection: Connection, login: Login, [reason, message]: LoginProblem): void {
    if (connection.isOver) return
    connection.id = login.id
    connection.refuse(reason, message)
  }

  #request(connection: Seat, request: Request): void {
    const { id } = connection
    if (this.#cluster && connection instanceof Connection && !this.#seats.holds(connection)) {
      if (request.type === 'call') this.#arrive(connection, this.#cluster, request)
      else connection.error('notInCall', 'Name the other side first.', false)
      return
    }
    if (this.#cluster?.gateway.request(connection, request)) return
    switch (request.type) {
      case 'leave':
        this.#run(this.#lobby.leave(id, request.reason))
        return
      case 'echo': {
        const limitKey = connection instanceof Connection ? connection.limitKey : ''
        const echo = this.#options.echo?.(id, limitKey) ?? fail('noEcho', NO_ECHO)
        if (echo.ok) connection.tell({ type: 'echo', peer: echo.value })
        else connection.error(echo.error.name, echo.error.message)
        return
      }
      case 'call':
      case 'pass': {
        const { type } = request
        const counterpart = counterpartOf(id)
        if (type === 'call' && counterpart !== null && !sameId(request.to, counterpart)) {
          connection.error('notAllowed', `This id is for a one-time call, with ${counterpart} alone.`)
          return
        }
        if (type === 'call' && this.#draining && request.resume === undefined) {
          // It comes back with the next server, and names the other side again.
          connection.error('draining', 'This server is about to restart: your call has to wait a moment.', false)
          return
        }
        // A call that is here goes on, whatever is used up.
        if (type === 'call' && (request.resume === undefined || this.#lobby.callOf(request.to) !== request.resume)) {
          const refusal = this.#meter.refusal(connection, request.resume !== undefined)
          if (refusal !== null) {
            connection.error('quotaUsedUp', refusal)
            return
          }
        }
        const result =
          type === 'call'
            ? this.#lobby.call(id, request.to, request.resume)
            : this.#lobby.pass(id, request.callId, request.data)
        if (!result.ok) {
          const crossed = type !== 'call' && this.#justEnded(connection)
          connection.error(result.error.name, result.error.message, !crossed)
          return
        }
        this.#run(result.value)
        if (type === 'call' && this.#lobby.callOf(id) === null) this.#cluster?.mailboxes.named(connection)
        return
      }
    }
  }

  /** The hot path: one frame of voice. Whether it goes on. */
  #relay(seat: Seat, message: Uint8Array, now: number): boolean {
    const other = this.#otherOf(seat)
    if (other) {
      other.forward(message, now)
      return true
    }
    if (this.#cluster?.gateway.relay(seat, message)) return true
    if (this.#lobby.inCall(seat.canonical)) seat.drop('otherAway')
    else if (this.#justEnded(seat)) seat.drop('afterCall')
    else seat.error('notInCall', 'You are in no call: nobody can hear you.')
    return false
  }

  /** The other side of its call, if it is here. Looked up again only when something has changed in the lobby, or someone sits elsewhere. */
  #otherOf(seat: Seat): Seat | undefined {
    const as = this.#lobby.changes + this.#seats.changes
    const cached = seat instanceof Connection ? seat.route : null
    if (cached?.as === as) return cached.other
    const to = this.#lobby.relayTo(seat.canonical)
    const other = to === null ? undefined : this.#seats.of(to)
    if (seat instanceof Connection) seat.route = { as, other }
    return other
  }

  /** Whether its call is there or ended so lately that a message may have crossed with the news. */
  #justEnded(connection: Seat): boolean {
    if (this.#lobby.inCall(connection.canonical)) return true
    return connection.crossed()
  }

  #over(connection: Connection, why: Closing | 'gone'): void {
    const { id, canonical, number } = connection
    this.#tally.closed[why]++
    this.#meter.left(connection)
    if (canonical !== '' && this.#seats.holds(connection)) {
      this.#seats.vacate(canonical)
      this.#report({ event: 'offline', connection: number, id, why, drops: connection.takeDrops() })
      this.#logins.left(id, connection.key)
      this.#cluster?.left(connection)
      this.#run(this.#lobby.offline(id))
    } else if (isRefusal(why)) {
      this.#tally.refused[why]++
      this.#report({ event: 'refused', connection: number, why, ...(id && { id }) })
      // One that was replaced from another server has been told of already.
    } else if (why !== 'gone' && why !== 'replaced') this.#report({ event: 'closed', connection: number, why })
  }

  #released(connection: Connection): void {
    this.#connections.delete(connection)
    this.#perAddress.remove(connection.limitKey)
  }

  /** In order, one after the other: telling one may find its socket stuck, which is the lobby's next event. */
  #run(effects: readonly LobbyEffect[]): void {
    this.#effects.push(...effects)
    if (this.#running) return
    this.#running = true
    for (let effect = this.#effects.shift(); effect; effect = this.#effects.shift()) this.#do(effect)
    this.#running = false
  }

  #do(effect: LobbyEffect): void {
    switch (effect.kind) {
      case 'tell':
        if (this.#closed) break
        this.#tell(effect.to, effect.message)
        break
      case 'joined':
        this.#cluster?.joined(effect.callId, effect.ids)
        this.#joined(effect)
        break
      case 'ended':
        this.#ended(effect.ids, effect.why)
    }
  }

  #tell(to: string, message: FromServer): void {
    const seat = this.#seats.of(to)
    if (seat) seat.tell(message)
    else this.#cluster?.mailboxes.tell(to, message)
  }

  #joined({ ids, resumed, begunBy }: Extract<LobbyEffect, { kind: 'joined' }>): void {
    const sides = this.#seats.ofAll(ids)
    this.#meter.began(this.#seats.ofAll(begunBy))
    this.#meter.joined(sides)
    if (resumed) this.#tally.callsResumed++
    else this.#tally.callsStarted++
    this.#report({ event: 'connected', connections: numbersOf(sides), ids, resumed })
  }

  #ended(ids: Pair, why: CallEnd): void {
    this.#tally.callsEnded[why]++
    const sides = this.#seats.ofAll(ids)
    this.#meter.ended(sides)
    const drops: Record<number, Drops> = {}
    for (const connection of sides) {
      connection.callEnded()
      const dropped = connection.takeDrops()
      if (connection.number !== null && Object.keys(dropped).length > 0) drops[connection.number] = dropped
    }
    this.#report({ event: 'ended', connections: numbersOf(sides), ids, why, drops })
    // Who was here for this call alone has no more business here, unless another one with the same person is beginning.
    for (const seat of sides)
      if (seat instanceof RemoteSeat && this.#lobby.callOf(seat.id) === null) this.#cluster!.owner.release(seat)
  }

  #join({ bus, id, url, names }: NonNullable<HubOptions['cluster']>): Cluster {
    const { clock } = this.#options
    const lost = (id: string, key: string) => this.#lostName(id, key)
    const clusterNames = new ClusterNames(names, this.#names, () => clock.now(), lost)
    return new Cluster({ bus, clock, id, url, names: clusterNames }, this.#forCluster())
  }

  #forCluster(): ClusterHub {
    return {
      lobby: this.#lobby,
      seatOf: canonical => this.#seats.of(canonical),
      connections: () => this.#seats.connections(),
      run: effects => this.#run(effects),
      request: (seat, request) => this.#request(seat, request),
      relay: (seat, message) => this.#relay(seat, message, this.#options.clock.now()),
      seat: seat => {
        this.#seats.place(seat)
        this.#lobby.online(seat.id)
      },
      exchange: (connection, seat) => {
        this.#seats.place(seat)
        this.#goesOn(connection)
      },
      dismiss: connection => {
        this.#seats.vacate(connection.canonical)
        this.#goesOn(connection)
        this.#run(this.#lobby.offline(connection.id))
      },
      unseat: seat => {
        this.#seats.vacate(seat.canonical)
        this.#run(this.#lobby.offline(seat.id))
      },
    }
  }

  /** The session of a connection goes on at another server. */
  #goesOn(connection: Connection): void {
    this.#report({
      event: 'offline',
      connection: connection.number,
      id: connection.id,
      why: 'replaced',
      drops: connection.takeDrops(),
    })
    this.#logins.left(connection.id, connection.key)
    this.#cluster!.left(connection)
    connection.close(4001, 'replaced')
  }
}

/** Those of this server. */
function numbersOf(seats: readonly Seat[]): number[] {
  return seats.flatMap(({ number }) => number ?? [])
}

function isRefusal(why: Closing | 'gone'): why is Refusal {
  return (refusals as readonly string[]).includes(why)
}
