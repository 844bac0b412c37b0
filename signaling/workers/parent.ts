import type { Socket } from 'node:net'
import type { Bus, BusAnswer, BusListener } from '../cluster/bus.js'
import type { ClusterClaim, NameStore } from '../cluster/name-store.js'
import type { FromWorker, Handed, ToWorker } from './worker-message.js'

export type Order = Extract<ToWorker, { type: 'reload' | 'metrics' | 'draining' | 'drain' | 'close' }>

/** A worker's parent: the bus between the workers, and the names that they share. */
export class Parent implements Bus, NameStore {
  readonly isUp = true
  onChange: (isUp: boolean) => void = () => {}
  /** Set by the owner: a connection was handed over; and what it is to do. */
  onConnection: (handed: Handed, socket: Socket) => void = (_, socket) => socket.destroy()
  onOrder: (order: Order) => void = () => {}
  readonly #send: (message: FromWorker) => void
  readonly #listeners = new Map<string, Set<BusListener>>()
  readonly #asked = new Map<number, (answer: BusAnswer) => void>()
  readonly #claims = new Map<number, (claim: ClusterClaim) => void>()
  #n = 0

  /** `send`: to the parent. */
  constructor(send: (message: FromWorker) => void) {
    this.#send = send
  }

  publish(subject: string, bytes: Uint8Array): void {
    this.#send({ type: 'publish', subject, bytes })
  }

  request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<BusAnswer> {
    const n = this.#n++
    return new Promise(resolve => {
      const timer = setTimeout(() => settle('silence'), timeoutMs)
      const settle = (answer: BusAnswer) => {
        clearTimeout(timer)
        this.#asked.delete(n)
        resolve(answer)
      }
      this.#asked.set(n, settle)
      this.#send({ type: 'request', subject, bytes, n })
    })
  }

  subscribe(subject: string, listener: BusListener): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set()
    if (listeners.size === 0) this.#send({ type: 'subscribe', subject })
    this.#listeners.set(subject, listeners.add(listener))
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return
      this.#listeners.delete(subject)
      this.#send({ type: 'unsubscribe', subject })
    }
  }

  claim(id: string, key: string, from?: string): Promise<ClusterClaim> {
    const n = this.#n++
    return new Promise(resolve => {
      this.#claims.set(n, resolve)
      this.#send({ type: 'claim', id, key, from, n })
    })
  }

  /** What the parent said; `socket` came with it. */
  hear(message: ToWorker, socket: Socket | null): void {
    switch (message.type) {
      case 'start':
        return
      case 'connection':
        this.#send({ type: 'taken', n: message.n })
        if (socket) this.onConnection(message, socket)
        return
      case 'message': {
        const { subject, bytes, asks } = message
        const answer = (answered: Uint8Array) => {
          if (asks) this.#send({ type: 'answer', ...asks, bytes: answered })
        }
        for (const listener of [...(this.#listeners.get(subject) ?? [])]) listener(bytes, answer)
        return
      }
      case 'answer':
        this.#asked.get(message.n)?.(message.bytes ?? 'nobody')
        return
      case 'claimed':
        this.#claims.get(message.n)?.(message.claim)
        this.#claims.delete(message.n)
        return
      default:
        this.onOrder(message)
    }
  }
}
