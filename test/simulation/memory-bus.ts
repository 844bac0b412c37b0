/** A bus between servers in one process, on a virtual clock: each message takes a moment, and the network between them can be split. */
import type { Bus, BusAnswer, BusListener } from '../../signaling/cluster/bus.js'
import type { ClusterClaim, NameStore } from '../../signaling/cluster/name-store.js'
import type { VirtualClock } from '../virtual-clock.js'

const WAY_MS = 0.2

export class MemoryBuses {
  readonly #buses = new Set<MemoryBus>()
  /** Messages so far, by the middle word of their subject. */
  readonly counts = new Map<string, number>()

  constructor(readonly clock: VirtualClock) {}

  join(): MemoryBus {
    const bus = new MemoryBus(this)
    this.#buses.add(bus)
    return bus
  }

  leave(bus: MemoryBus): void {
    this.#buses.delete(bus)
  }

  /** Those who listen to a subject and can be reached. */
  listeners(from: MemoryBus, subject: string): [MemoryBus, BusListener][] {
    const kind = subject.split('.')[1]!
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    return [...this.#buses]
      .filter(bus => (bus.isUp || bus.seemsUp) && bus.island === from.island)
      .flatMap(bus => bus.listenersOf(subject).map((listener): [MemoryBus, BusListener] => [bus, listener]))
  }
}

export class MemoryBus implements Bus {
  isUp = true
  /** It is gone, and those who ask do not know yet. */
  seemsUp = false
  /** Which part of a split network it is in. */
  island = 0
  onChange: (isUp: boolean) => void = () => {}
  readonly #net: MemoryBuses
  readonly #listeners = new Map<string, Set<BusListener>>()

  constructor(net: MemoryBuses) {
    this.#net = net
  }

  /** Whoever has it is gone, without a word. */
  leave(): void {
    this.isUp = false
    this.#net.leave(this)
  }

  /** Whoever has it has died, which shows only after a time, ms. */
  die(showsAfterMs: number): void {
    this.isUp = false
    this.seemsUp = true
    this.#net.clock.setTimeout(() => this.leave(), showsAfterMs)
  }

  /** Takes it down, or up again. */
  set(isUp: boolean): void {
    this.isUp = isUp
    this.onChange(isUp)
  }

  listenersOf(subject: string): BusListener[] {
    return [...(this.#listeners.get(subject) ?? [])]
  }

  publish(subject: string, message: Uint8Array): void {
    if (this.isUp) this.#send(subject, message, () => {})
  }

  request(subject: string, message: Uint8Array, timeoutMs: number): Promise<BusAnswer> {
    const { clock } = this.#net
    return new Promise(resolve => {
      if (!this.isUp) return resolve('silence')
      const timer = clock.setTimeout(() => resolve('silence'), timeoutMs)
      const done = (answer: Uint8Array | 'nobody') => {
        clock.clearTimeout(timer)
        resolve(answer)
      }
      const heard = this.#send(subject, message, (answer, from) => {
        if (from.island === this.island) clock.setTimeout(() => done(answer), WAY_MS)
      })
      if (heard === 0) clock.setTimeout(() => done('nobody'), WAY_MS)
    })
  }

  subscribe(subject: string, listener: BusListener): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set()
    this.#listeners.set(subject, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(subject)
    }
  }

  #send(subject: string, message: Uint8Array, answer: (answer: Uint8Array, from: MemoryBus) => void): number {
    const listeners = this.#net.listeners(this, subject)
    const copy = message.slice()
    for (const [bus, listener] of listeners)
      this.#net.clock.setTimeout(() => {
        if (bus.isUp) listener(copy.slice(), bytes => answer(bytes.slice(), bus))
      }, WAY_MS)
    return listeners.length
  }
}

/** The names of a cluster in one process. */
export class MemoryNames implements NameStore {
  readonly holders = new Map<string, string>()
  isUp = true
  /** Claims so far. */
  claims = 0

  async claim(id: string, key: string, from?: string): Promise<ClusterClaim> {
    this.claims++
    if (!this.isUp) return 'unreachable'
    const holder = this.holders.get(id)
    if (holder !== undefined && holder !== key && holder !== from) return { holder }
    this.holders.set(id, key)
    return 'ours'
  }
}
