/** Direct connections within one program: for tests of what is built on them, and for two ends in one process. */
import { reasonOf } from '../../protocol/reason.js'
import type { Connect, Connection, ConnectionEvents, Path, Signal } from './connection.js'

/** What is sent arrives a microtask later, in order; all is delivered. */
export class InMemoryConnections {
  readonly #waiting = new Map<string, InMemoryConnection>()
  #made = 0

  /** Both ends must be made by the same one. */
  readonly connect: Connect = events => new InMemoryConnection(events, `connection ${this.#made++}`, this.#waiting)
}

class InMemoryConnection implements Connection {
  readonly #events: ConnectionEvents
  readonly #name: string
  readonly #waiting: Map<string, InMemoryConnection>
  #initiator: boolean | null = null
  #other: InMemoryConnection | null = null
  #over = false

  constructor(events: ConnectionEvents, name: string, waiting: Map<string, InMemoryConnection>) {
    this.#events = events
    this.#name = name
    this.#waiting = waiting
  }

  start(initiator: boolean): void {
    if (this.#initiator !== null || this.#over) return
    this.#initiator = initiator
    this.#waiting.set(this.#name, this)
    if (initiator) this.#later(() => this.#events.signal({ kind: 'offer', text: this.#name }))
  }

  signal({ kind, text }: Signal): void {
    if (this.#over || this.#initiator === null || this.#other || kind === 'candidate') return
    if (this.#initiator !== (kind === 'answer')) return
    const other = this.#waiting.get(text)
    if (!other || other === this) return this.#fail('the description names no connection')
    this.#other = other
    if (kind === 'offer') this.#later(() => this.#events.signal({ kind: 'answer', text: this.#name }))
    else for (const end of [this, other]) end.#later(() => end.#events.open())
  }

  send(bytes: Uint8Array): void {
    const other = this.#joined()
    const copy = bytes.slice()
    if (other) other.#later(() => other.#events.message(copy))
  }

  path(): Path | null {
    return this.#joined() ? { local: 'host', remote: 'host' } : null
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#waiting.delete(this.#name)
    const other = this.#other
    if (other) other.#later(() => other.#fail('the other side has closed it'))
  }

  /** The other end, once both know each other. */
  #joined(): InMemoryConnection | null {
    const other = this.#other
    return !this.#over && other && other.#other === this ? other : null
  }

  #fail(why: string): void {
    if (this.#over) return
    this.close()
    try {
      this.#events.failed(why)
    } catch {
      // As with the other engines: whoever can't even be told of an end has no use for another.
    }
  }

  #later(run: () => void): void {
    queueMicrotask(() => {
      if (this.#over) return
      try {
        run()
      } catch (error) {
        this.#fail(reasonOf(error))
      }
    })
  }
}
