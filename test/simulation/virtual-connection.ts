/**
 * A direct connection in the simulated world, as the measured engines behave: candidates, connectivity checks, a handshake of two
 * round trips, then messages that are neither ordered nor sure to come. `close` tells nobody; what went wrong it says by itself only late.
 */

import type { Connect, Connection, ConnectionEvents, Signal } from '../../peer/routes/connection.js'
import type { Timer } from '../../protocol/clock.js'
import { type Content, LANE } from './datagram.js'
import type { Host } from './host.js'
import { type Endpoint, endpointOf } from './nat.js'
import type { Network, UdpSocket } from './network.js'
import type { SeededRandom } from './seeded-random.js'
import { VirtualChecks } from './virtual-checks.js'
import { VirtualHandshake } from './virtual-handshake.js'
import { readSignal, signalText } from './virtual-signal.js'
import { Stalls } from './virtual-stalls.js'

/** The question for our own endpoint goes again after this, ms, then twice as long each time. */
const STUN_MS = 250
/** The engine's own thread tells of things a moment later, ms. */
const TURN_MS = 1
/** Not open by then, or nothing came on an open one for so long: it says `failed`, ms. */
const NOT_OPEN_MS = 39_000
const DEAD_MS = 12_700
/** How often an open connection asks whether the other is there, ms. */
const CONSENT_MS = 2_500

export interface ConnectionParts {
  readonly network: Network
  readonly host: Host
  readonly random: SeededRandom
  /** SCTP's stalls after bursts of loss. */
  readonly stalls?: boolean
  readonly tell?: (words: string) => void
}

/** The engine of one machine. */
export function virtualConnect(parts: ConnectionParts): Connect {
  return events => new VirtualConnection(parts, events)
}

class VirtualConnection implements Connection {
  readonly #parts: ConnectionParts
  readonly #events: ConnectionEvents
  readonly #timers = new Set<Timer>()
  readonly #stalls: Stalls
  readonly #checks: VirtualChecks
  readonly #own: string
  /** Where checks came from before we knew whom we talk to. */
  readonly #early = new Set<Endpoint>()
  #remote = ''
  #socket: UdpSocket | null = null
  #state: 'new' | 'checking' | 'handshake' | 'open' | 'over' = 'new'
  #initiator = false
  #selected: Endpoint = 0
  #handshake: VirtualHandshake | null = null
  #knowsItself = false
  #heardAt = 0
  #sent = 0

  constructor(parts: ConnectionParts, events: ConnectionEvents) {
    this.#parts = parts
    this.#events = events
    this.#own = Array.from(parts.random.bytes(6), byte => byte.toString(16).padStart(2, '0')).join('')
    this.#checks = new VirtualChecks({
      transmit: to => this.#transmit({ ...this.#names(), kind: 'check' }, to),
      after: (ms, run) => this.#after(ms, run),
      cancel: timer => this.#cancel(timer),
    })
    this.#stalls = new Stalls({
      enabled: parts.stalls ?? true,
      random: parts.random,
      after: (ms, run) => this.#after(ms, run),
      transmit: (number, bytes) => this.#transmit({ kind: 'data', from: this.#own, to: this.#remote, number, bytes }),
    })
  }

  start(initiator: boolean): void {
    if (this.#state !== 'new') return
    const { network, host } = this.#parts
    this.#state = 'checking'
    this.#initiator = initiator
    this.#socket = network.udp(host)
    this.#socket.onDatagram = (content, from) => this.#receive(content, from)
    this.#after(NOT_OPEN_MS, () => this.#state !== 'open' && this.#fail('no way through was found'))
    if (!initiator) return
    this.#after(TURN_MS, () => this.#say('offer'))
    this.#gather()
  }

  signal(signal: Signal): void {
    if (this.#state === 'new' || this.#state === 'over') return
    const read = readSignal(signal)
    if (read === null) return
    if (signal.kind === 'candidate') return this.#remote === '' ? undefined : this.#checks.add(Number(read))
    if (this.#remote !== '' || this.#initiator !== (signal.kind === 'answer')) return
    this.#remote = read
    if (!this.#initiator) {
      this.#after(TURN_MS, () => this.#say('answer'))
      this.#gather()
    }
    for (const from of this.#early) this.#checks.add(from)
  }

  send(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#stalls.send(this.#sent++, bytes.slice())
  }

  path(): null {
    return null
  }

  close(): void {
    this.#state = 'over'
    for (const timer of this.#timers) this.#parts.host.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#socket?.close()
    this.#socket = null
  }

  #fail(why: string): void {
    if (this.#state === 'over') return
    this.close()
    this.#parts.tell?.('direct failed')
    this.#events.failed(why)
  }

  #after(ms: number, run: () => void): Timer {
    const timer = this.#parts.host.clock.setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  #cancel(timer: Timer): void {
    if (!timer) return
    this.#timers.delete(timer)
    this.#parts.host.clock.clearTimeout(timer)
  }

  #say(kind: Signal['kind'], candidate: Endpoint = 0): void {
    this.#events.signal({ kind, text: signalText(kind, kind === 'candidate' ? String(candidate) : this.#own) })
  }

  /** Our own endpoint as this machine sees it, then as the server does. */
  #gather(): void {
    const { network, host } = this.#parts
    const socket = this.#socket!
    const own = endpointOf(host.nat.kind === 'open' ? socket.address : 0, socket.port)
    this.#after(TURN_MS, () => this.#say('candidate', own))
    let waitMs = STUN_MS
    const ask = () => {
      if (this.#state !== 'checking' || this.#knowsItself) return
      socket.send(network.stun, { kind: 'whoAmI', transaction: socket.port })
      this.#after(waitMs, ask)
      waitMs *= 2
    }
    if (host.nat.kind !== 'open') ask()
  }

  #names(): { readonly from: string; readonly to: string } {
    return { from: this.#own, to: this.#remote }
  }

  #transmit(content: Content, to: Endpoint = this.#selected): void {
    this.#socket?.send(to, content)
  }

  #receive(content: Content, from: Endpoint): void {
    if (this.#state === 'over') return
    if (content.kind === 'youAre') {
      if (!this.#knowsItself) this.#say('candidate', content.endpoint)
      this.#knowsItself = true
    } else if (content.kind !== 'whoAmI' && content.to === this.#own) this.#hear(content, from)
  }

  /** It is for this connection; is it from the other end of it? */
  #hear(content: Exclude<Content, { kind: 'youAre' | 'whoAmI' }>, from: Endpoint): void {
    if (content.kind === 'check' && (this.#remote === '' || content.from === this.#remote))
      this.#transmit({ from: this.#own, to: content.from, kind: 'checked' }, from)
    if (this.#remote === '') this.#early.add(from)
    if (content.from !== this.#remote) return
    this.#heardAt = this.#parts.host.clock.now()
    switch (content.kind) {
      case 'check':
        return this.#checks.cameFrom(from)
      case 'checked':
        if (this.#checks.answered(from) && this.#initiator && this.#state === 'checking') this.#select(from)
        return
      case 'flight':
        if (this.#state === 'checking' && content.number === 1) this.#select(from)
        return this.#handshake?.hear(content.number)
      case 'data':
        if (this.#state !== 'open') return
        if (LANE.report > 0) this.#parts.host.up.aside(LANE.report)
        if (this.#stalls.missing(content.number)) this.#transmit({ ...this.#names(), kind: 'missing' })
        return this.#events.message(content.bytes)
      case 'missing':
        return this.#stalls.stall()
    }
  }

  /** Checks are over; the initiator is DTLS's client. */
  #select(endpoint: Endpoint): void {
    this.#selected = endpoint
    this.#state = 'handshake'
    this.#checks.stop()
    this.#handshake = new VirtualHandshake(this.#initiator, {
      transmit: flight => this.#transmit({ ...this.#names(), kind: 'flight', number: flight }),
      after: (ms, run) => this.#after(ms, run),
      cancel: timer => this.#cancel(timer),
      done: () => this.#opened(),
    })
  }

  #opened(): void {
    this.#state = 'open'
    for (const timer of this.#timers) this.#parts.host.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#after(CONSENT_MS, () => this.#keep())
    this.#after(DEAD_MS, () => this.#look())
    this.#parts.tell?.('direct open')
    this.#events.open()
  }

  #keep(): void {
    this.#transmit({ ...this.#names(), kind: 'check' })
    this.#after(CONSENT_MS, () => this.#keep())
  }

  /** Is the other still there? After a stop of our own process what waits in the socket is read first. */
  #look(secondTime = false): void {
    const left = this.#heardAt + DEAD_MS - this.#parts.host.clock.now()
    if (left > 0) this.#after(left, () => this.#look())
    else if (secondTime) this.#fail('the other side does not answer any more')
    else this.#after(0, () => this.#look(true))
  }
}
