/** The simulated network: machines, the server, who reaches whom. Streams lead to the server, datagrams wherever a NAT lets them in. */
import type { Clock } from '../../protocol/clock.js'
import { bytesOf, type Content } from './datagram.js'
import { type Access, Host } from './host.js'
import { addressOf, type Endpoint, endpointOf, type NatKind, portOf } from './nat.js'
import { Path, type PathQuality, perfect } from './path.js'
import type { SeededRandom } from './seeded-random.js'
import { type Listener, VirtualWebSocket } from './virtual-websocket.js'

const STUN_PORT = 3478

/** A socket for datagrams. It keeps the address that its machine had when it was opened: after a move nothing passes. */
export interface UdpSocket {
  /** As its own machine sees it. */
  readonly port: number
  readonly address: number
  onDatagram: (content: Content, from: Endpoint) => void
  send(to: Endpoint, content: Content): void
  close(): void
}

export class Network {
  /** The server's machine: a public address, and a way that costs nothing. */
  readonly server: Host
  readonly stun: Endpoint
  /** Gets what happens, in short words. */
  tell: (host: Host, words: string) => void = () => {}
  /** Gets each datagram that leaves a machine; `go` sends it, or another in its place. */
  pass: (from: Host, to: Host | undefined, content: Content, go: (content: Content) => void) => void = (
    _f,
    _t,
    c,
    go,
  ) => go(c)
  /** TCP sends again at once what others overtook; without it each loss waits for a timer, which is the harder case. */
  fastRetransmit = false
  readonly #random: SeededRandom
  readonly #addresses = new Map<number, Host>()
  readonly #udp = new Map<Host, Map<number, UdpSocket>>()
  readonly #sockets = new Set<{ readonly host: Host; readonly listener: Listener; readonly socket: VirtualWebSocket }>()
  readonly #blocked = new Set<number>()
  readonly #between = new Map<number, Path>()
  #hosts = 0
  /** Address 0 is nowhere: what is private to a home. */
  #nextAddress = 1

  constructor(
    readonly clock: Clock,
    random: SeededRandom,
  ) {
    this.#random = random.fork('network')
    this.server = this.host('server', {}, 'open')
    this.stun = endpointOf(this.server.address, STUN_PORT)
  }

  host(name: string, access: Access = {}, nat: NatKind = 'ordinary'): Host {
    const parts = { clock: this.clock, random: this.#random, owner: this.#owner() }
    const host = new Host(name, this.#hosts++, parts, access, nat)
    this.#address(host)
    return host
  }

  /** Sockets to the server that are not closed at both ends. */
  get sockets(): number {
    return this.#sockets.size
  }

  dial(host: Host, listener: Listener): VirtualWebSocket {
    const entry = {
      host,
      listener,
      socket: new VirtualWebSocket({
        clock: this.clock,
        client: host,
        listener,
        passes: (from, to) => this.#passes(from, to),
        fastRetransmit: this.fastRetransmit,
        tell: words => this.tell(host, words),
        over: () => void this.#sockets.delete(entry),
      }),
    }
    this.#sockets.add(entry)
    return entry.socket
  }

  udp(host: Host): UdpSocket {
    const sockets = this.#udp.get(host) ?? new Map<number, UdpSocket>()
    this.#udp.set(host, sockets)
    const socket: UdpSocket = {
      port: host.freePort(),
      address: host.address,
      onDatagram: () => {},
      send: (to, content) => {
        if (sockets.has(socket.port) && socket.address === host.address && !host.asleep)
          this.#send(host, socket.port, to, content)
      },
      close: () => void sockets.delete(socket.port),
    }
    sockets.set(socket.port, socket)
    return socket
  }

  /** Nothing passes from the one to the other, nor back unless `oneWay`; nobody is told. */
  partition(from: Host, to: Host, oneWay = false): void {
    this.#blocked.add(wayOf(from, to))
    if (!oneWay) this.#blocked.add(wayOf(to, from))
  }

  /** Ends a partition, both ways. */
  heal(one: Host, other: Host): void {
    this.#blocked.delete(wayOf(one, other))
    this.#blocked.delete(wayOf(other, one))
  }

  /** How the way from one machine to another is between their accesses, for datagrams; null: perfect again. */
  between(from: Host, to: Host, quality: Partial<PathQuality> | null): void {
    const way = wayOf(from, to)
    const path = this.#between.get(way)
    if (!quality) this.#between.delete(way)
    else if (path) Object.assign(path.quality, perfect, quality)
    else this.#between.set(way, new Path(this.clock, this.#random, quality))
  }

  /** Breaks a machine's connections to the server; both ends are told. */
  cut(host: Host): void {
    for (const socket of this.#of(host)) socket.break()
  }

  /** A machine's connections of now go dead, and nobody is told. */
  strand(host: Host): void {
    for (const socket of this.#of(host)) socket.strand()
  }

  #owner() {
    return {
      moved: (host: Host) => {
        this.#addresses.delete(host.address)
        this.#address(host)
        this.strand(host)
        this.tell(host, 'moved')
      },
      woke: (host: Host) => {
        for (const socket of this.#of(host)) socket.hurry()
      },
      ended: (host: Host) => {
        this.#udp.delete(host)
        for (const { host: client, listener, socket } of [...this.#sockets]) {
          if (host === client) socket.client.terminate()
          if (host === listener.host) socket.server.terminate()
        }
      },
    }
  }

  #of(host: Host): VirtualWebSocket[] {
    return [...this.#sockets].filter(entry => entry.host === host).map(({ socket }) => socket)
  }

  #address(host: Host): void {
    host.address = this.#nextAddress++
    this.#addresses.set(host.address, host)
  }

  #passes(from: Host, to: Host): boolean {
    if (from.asleep || to.asleep) return false
    return this.#blocked.size === 0 || !this.#blocked.has(wayOf(from, to))
  }

  #send(host: Host, port: number, to: Endpoint, content: Content): void {
    const outside = host.nat.out(port, to, this.clock.now())
    if (outside === null) return
    const from = endpointOf(host.address, outside)
    this.pass(host, this.#addresses.get(addressOf(to)), content, passed =>
      host.up.datagram(bytesOf(passed), () => this.#route(host, from, to, passed)),
    )
  }

  /** Between the two accesses. */
  #route(sender: Host, from: Endpoint, to: Endpoint, content: Content): void {
    const receiver = this.#addresses.get(addressOf(to))
    if (!receiver || receiver.asleep || !this.#passes(sender, receiver)) return
    if (to === this.stun) return this.#answerStun(from, content)
    const down = () => receiver.down.datagram(bytesOf(content), () => this.#arrive(receiver, from, to, content))
    const between = this.#between.get(wayOf(sender, receiver))
    if (between) between.datagram(bytesOf(content), down)
    else down()
  }

  #arrive(receiver: Host, from: Endpoint, to: Endpoint, content: Content): void {
    if (receiver.asleep || receiver.address !== addressOf(to)) return
    const port = receiver.nat.in(portOf(to), from, this.clock.now())
    if (port === null) return
    receiver.deliver(() => this.#udp.get(receiver)?.get(port)?.onDatagram(content, from), true)
  }

  #answerStun(from: Endpoint, content: Content): void {
    if (content.kind !== 'whoAmI' || !this.server.isRunning) return
    this.#route(this.server, this.stun, from, { kind: 'youAre', transaction: content.transaction, endpoint: from })
  }
}

function wayOf(from: Host, to: Host): number {
  return from.number * 65_536 + to.number
}
