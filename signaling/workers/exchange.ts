import type { Asker, FromWorker, ToWorker } from './worker-message.js'

/** Passes what workers say on to those who listen, in the parent. */
export class Exchange {
  readonly #send: (worker: number, message: ToWorker) => void
  readonly #subjects = new Map<string, Set<number>>()

  /** `send`: to one of the workers, which may be gone. */
  constructor(send: (worker: number, message: ToWorker) => void) {
    this.#send = send
  }

  /** Subjects that somebody listens to. */
  get size(): number {
    return this.#subjects.size
  }

  hear(worker: number, message: FromWorker): void {
    switch (message.type) {
      case 'subscribe':
        this.#subjects.set(message.subject, (this.#subjects.get(message.subject) ?? new Set()).add(worker))
        return
      case 'unsubscribe':
        this.#remove(message.subject, worker)
        return
      case 'publish':
        this.#pass(message.subject, message.bytes)
        return
      case 'request': {
        const heard = this.#pass(message.subject, message.bytes, { worker, n: message.n })
        if (heard === 0) this.#send(worker, { type: 'answer', n: message.n, bytes: null })
        return
      }
      case 'answer':
        this.#send(message.worker, { type: 'answer', n: message.n, bytes: message.bytes })
    }
  }

  /** A worker is gone. */
  forget(worker: number): void {
    for (const subject of [...this.#subjects.keys()]) this.#remove(subject, worker)
  }

  #pass(subject: string, bytes: Uint8Array, asks?: Asker): number {
    const listeners = this.#subjects.get(subject) ?? []
    let heard = 0
    for (const worker of listeners) {
      heard++
      this.#send(worker, { type: 'message', subject, bytes, ...(asks && { asks }) })
    }
    return heard
  }

  #remove(subject: string, worker: number): void {
    const listeners = this.#subjects.get(subject)
    if (listeners?.delete(worker) && listeners.size === 0) this.#subjects.delete(subject)
  }
}
