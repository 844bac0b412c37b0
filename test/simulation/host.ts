/** A machine in the simulated world: its access to the network, its NAT, its address, and the one process that runs on it. */
import type { Clock } from '../../protocol/clock.js'
import { HostClock } from './host-clock.js'
import { Nat, type NatKind } from './nat.js'
import { Path, type PathQuality } from './path.js'
import type { SeededRandom } from './seeded-random.js'

/** Quality of the access: both ways alike, or each way. */
export type Access = Partial<PathQuality> | { readonly up: Partial<PathQuality>; readonly down: Partial<PathQuality> }

/** Datagrams that a socket holds for a process that does not read: Linux's default of 212,992 bytes. */
const SOCKET_BUFFER = 256

/** What the network does when a machine changes. */
export interface HostOwner {
  /** The machine wants a new address; its streams are to go dead. */
  moved(host: Host): void
  /** It woke up: what its streams hold back may go now. */
  woke(host: Host): void
  /** Its process is no more. */
  ended(host: Host): void
}

export class Host {
  clock: HostClock
  readonly up: Path
  readonly down: Path
  nat: Nat
  /** A new one with each move. */
  address = 0
  asleep = false
  #state: 'running' | 'stopped' | 'ended' = 'running'
  #nextPort = 40_000
  #waiting: { readonly deliver: () => void; readonly isDatagram: boolean }[] = []
  #waitingDatagrams = 0

  constructor(
    readonly name: string,
    /** Of places in the network, each its own. */
    readonly number: number,
    private readonly parts: { readonly clock: Clock; readonly random: SeededRandom; readonly owner: HostOwner },
    access: Access = {},
    nat: NatKind = 'open',
  ) {
    const { clock, random } = parts
    const way = (which: 'up' | 'down') => {
      const quality = 'up' in access ? access[which] : (access as Partial<PathQuality>)
      return new Path(clock, random.fork(`${name} ${which}`), quality)
    }
    this.clock = new HostClock(clock)
    this.up = way('up')
    this.down = way('down')
    this.nat = new Nat(nat, random.fork(`${name} nat`))
  }

  get state(): 'running' | 'stopped' | 'ended' {
    return this.#state
  }

  /** Whether what arrives can be handed to the process at once. */
  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** A port that no socket of this machine had. */
  freePort(): number {
    return this.#nextPort++
  }

  /** Changes the access, both ways. */
  change(quality: Partial<PathQuality>): void {
    Object.assign(this.up.quality, quality)
    Object.assign(this.down.quality, quality)
  }

  /** From now on behind another NAT; what the old one had mapped is gone. */
  setNat(kind: NatKind): void {
    this.nat = new Nat(kind, this.parts.random.fork(`${this.name} nat ${this.clock.now()}`))
  }

  /** A new address: what was connected goes dead without a word, what is new works. */
  move(): void {
    this.setNat(this.nat.kind)
    this.parts.owner.moved(this)
  }

  /** Hands something from the network to the process: at once, or when it goes on; what does not fit by then is lost. */
  deliver(deliver: () => void, isDatagram: boolean): void {
    if (this.#state === 'running') deliver()
    else if (this.#state === 'stopped') {
      if (isDatagram && ++this.#waitingDatagrams > SOCKET_BUFFER) return
      this.#waiting.push({ deliver, isDatagram })
    }
  }

  /** The process is stopped (SIGSTOP). */
  stop(): void {
    if (this.#state !== 'running') return
    this.#state = 'stopped'
    this.clock.stop()
  }

  /** It goes on: overdue timers first, then what came from the network meanwhile. */
  go(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'running'
    this.clock.go()
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingDatagrams = 0
    for (const { deliver, isDatagram } of waiting) this.deliver(deliver, isDatagram)
  }

  /** A laptop is closed: its time stands still, nothing reaches it. */
  sleep(): void {
    if (this.#state === 'ended') return
    this.asleep = true
    this.clock.sleep()
  }

  wake(): void {
    if (!this.asleep) return
    this.asleep = false
    this.clock.wake()
    this.parts.owner.woke(this)
  }

  /** The process is killed: its sockets close, nothing of it runs any more. */
  kill(): void {
    if (this.#state === 'ended') return
    this.parts.owner.ended(this)
    this.#state = 'ended'
    this.#waiting = []
    this.clock.end()
  }

  /** A new process on this machine, after `kill`. */
  boot(): void {
    this.kill()
    this.#state = 'running'
    this.clock = new HostClock(this.parts.clock)
  }
}
