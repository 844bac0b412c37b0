/**
 * A whole call in one process, on a virtual clock, from a seed: real peers (statechart, handshake, sealing, rings, jitter buffer) and
 * the real server core; only clock, randomness, network and devices are replaced. The same seed gives the same bytes.
 */
import type { PeerOptions } from '../../peer/peer.js'
import { ContactsInMemory } from '../../peer/trust/contacts.js'
import { guessesInMemory } from '../../peer/trust/guesses.js'
import { createIdentity } from '../../protocol/identity.js'
import type { SealingOptions } from '../../protocol/sealing.js'
import type { Socket } from '../../protocol/socket.js'
import type { HubEvent } from '../../signaling/index.js'
import { VirtualClock } from '../virtual-clock.js'
import { type Content, contentWords } from './datagram.js'
import type { Host } from './host.js'
import { MemoryBuses, MemoryNames } from './memory-bus.js'
import { Network } from './network.js'
import { Person, type PersonSetting } from './person.js'
import { SeededRandom } from './seeded-random.js'
import { ORIGIN, Server, type Shared } from './server.js'
import { virtualConnect } from './virtual-connection.js'

export { longestGap, Person, type PersonSetting } from './person.js'

/**
 * Something that leaves a peer or the server, by the names of their machines. `handshake`: how direct connections find each other and
 * agree on keys; of that only words are kept.
 */
export interface Seen {
  readonly from: string
  readonly to: string
  readonly medium: 'signaling' | 'relay' | 'direct' | 'handshake'
  readonly data: string | Uint8Array
}

/** Passes what left on, or something else; now or `afterMs` later; once, more often or never. */
export type Intercept = (seen: Seen, pass: (data: string | Uint8Array, afterMs?: number) => void) => void

export interface WorldOptions {
  readonly framesPerEpoch?: number
  /** More than one are a cluster; one unless given. */
  readonly servers?: number
}

/** How each person's access is unless said otherwise. */
export const USUAL = { delayMs: 20 }

export class World {
  readonly clock = new VirtualClock(1_000)
  readonly random: SeededRandom
  readonly network: Network
  readonly servers: readonly Server[]
  /** Between the servers. */
  readonly buses: MemoryBuses
  readonly people: Person[] = []
  /** Get all that leaves a peer or the server, before it does. Data may be overwritten later: copy what is kept. */
  readonly onWire: ((seen: Seen) => void)[] = []
  readonly onHub: ((event: HubEvent) => void)[] = []
  /** Get what the network did and what befell machines, in short words. */
  readonly onNetwork: ((who: string, words: string) => void)[] = []
  /** Who sits on the wire and on the server, and does what a key would be needed against. Not for handshakes. */
  intercept: Intercept | null = null
  readonly #sealing: SealingOptions
  #unsettled = true

  constructor(seed: number, { framesPerEpoch, servers = 1 }: WorldOptions = {}) {
    this.random = new SeededRandom(seed)
    this.#sealing = framesPerEpoch === undefined ? {} : { framesPerEpoch }
    this.network = new Network(this.clock, this.random)
    this.network.tell = (host, words) => {
      for (const listener of this.onNetwork) listener(host.name, words)
    }
    this.network.pass = (from, to, content, go) => this.#datagram(from, to, content, go)
    this.buses = new MemoryBuses(this.clock)
    const cluster: Shared = { buses: this.buses, names: new MemoryNames() }
    this.servers = Array.from({ length: servers }, (_, n) => this.#server(n, servers > 1 ? cluster : undefined))
  }

  /** The first one, which is the only one as a rule. */
  get server(): Server {
    return this.servers[0]!
  }

  #server(n: number, cluster: Shared | undefined): Server {
    const name = n === 0 ? 'server' : `server ${n + 1}`
    return new Server({
      network: this.network,
      host: n === 0 ? this.network.server : this.network.host(name, {}, 'open'),
      url: n === 0 ? ORIGIN : `ws://server-${n + 1}.example:9001`,
      random: this.random.fork(name),
      ...(cluster && { cluster }),
      report: event => {
        for (const listener of this.onHub) listener(event)
      },
      watch: (socket, to) => this.#watch(socket, name, to.name),
    })
  }

  /** A new program of someone, which is started at once. A second one of the same id is `ABC 2` on the wire. */
  person(
    options: Partial<PeerOptions> & { readonly id: string; readonly to: string },
    password: string | null,
    setting: PersonSetting = {},
  ): Person {
    const { network } = this
    const named = this.servers[setting.at ?? 0]!
    const number = this.people.length + 1
    const others = this.people.filter(({ host: { name } }) => name.split(' ')[0] === options.id).length
    const name = others === 0 ? options.id : `${options.id} ${others + 1}`
    const { access = {} } = setting
    const host = network.host(name, 'up' in access ? access : { ...USUAL, ...access }, setting.nat)
    const random = this.random.fork(`person ${number}`)
    const engine = this.random.fork(`engine ${number}`)
    const tell = (words: string) => network.tell(host, words)
    const now = () => this.clock.now()
    const { identity, contacts, guesses } = setting.identityOf ?? {
      identity: createIdentity(random.bytes),
      contacts: new ContactsInMemory(now),
      guesses: guessesInMemory(now),
    }
    if (setting.knows) contacts.pin(setting.knows.id, setting.knows.key, 'code')
    const person = new Person({ route: 'auto', waitMs: null, talkMs: null, ...options }, password, setting, {
      host,
      number,
      identity,
      contacts,
      guesses,
      random: random.bytes,
      dial: url => {
        const server =
          url === undefined ? named : (this.servers.find(one => new URL(one.url).host === new URL(url).host) ?? named)
        return this.#watch(network.dial(host, server).client, name, server.host.name)
      },
      origin: named.url,
      connect:
        setting.direct === false
          ? null
          : virtualConnect({ network, host, random: engine, tell, stalls: setting.stalls ?? true }),
      sealing: this.#sealing,
      cut: () => network.cut(host),
      strand: () => network.strand(host),
      settles: () => {
        this.#unsettled = true
      },
    })
    this.people.push(person)
    person.peer.start()
    return person
  }

  /** Goes on, deadline by deadline; promises settle in between. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    let reached = false
    this.clock.setTimeout(() => {
      reached = true
    }, ms)
    await this.#settle()
    while (!reached && this.clock.step()) {
      if (this.#unsettled || this.servers.length > 1) await this.#settle()
      else await null
    }
    this.clock.advance(end - this.clock.now())
    await this.#settle()
  }

  /** Goes on until `done`, at most `ms`. */
  async until(done: () => boolean, ms: number): Promise<boolean> {
    const end = this.clock.now() + ms
    while (!done() && this.clock.now() < end) await this.run(20)
    return done()
  }

  /** Sound devices open and close by promises that hang on promises; nothing else here does. */
  async #settle(): Promise<void> {
    this.#unsettled = false
    for (let i = 0; i < 20; i++) await null
  }

  /** Looks at all that leaves by a socket. */
  #watch<S extends Socket>(socket: S, from: string, to: string): S {
    const send = socket.send.bind(socket)
    socket.send = data => {
      if (this.onWire.length === 0 && !this.intercept) return send(data)
      this.#leaves({ from, to, medium: typeof data === 'string' ? 'signaling' : 'relay', data }, send)
    }
    return socket
  }

  #datagram(from: Host, to: Host | undefined, content: Content, go: (content: Content) => void): void {
    if (this.onWire.length === 0 && !this.intercept) return go(content)
    const names = { from: from.name, to: to?.name ?? 'nowhere' }
    if (content.kind === 'data')
      this.#leaves({ ...names, medium: 'direct', data: content.bytes }, data => {
        if (typeof data !== 'string') go({ ...content, bytes: data })
      })
    else {
      this.#seen({ ...names, medium: 'handshake', data: contentWords(content) })
      go(content)
    }
  }

  #leaves(seen: Seen, go: (data: string | Uint8Array) => void): void {
    this.#seen(seen)
    if (!this.intercept) return go(seen.data)
    this.intercept(seen, (data, afterMs = 0) => {
      if (afterMs <= 0) go(data)
      else this.clock.setTimeout(() => go(data), afterMs)
    })
  }

  #seen(seen: Seen): void {
    for (const listener of this.onWire) listener(seen)
  }
}
