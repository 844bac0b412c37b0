/** What an engine's callbacks go through: in order, each in a turn of its own, none after the end, and none that throws. */
import { reasonOf } from '../../protocol/reason.js'
import type { ConnectionEvents } from './connection.js'

/**
 * A throw inside a callback of native code aborts the process, and no handler is asked. What a callback leads to is therefore done a
 * turn of the event loop later, and a throw ends the connection, not the call: the relay goes on.
 */
export class Guard {
  #over = false
  readonly #events: ConnectionEvents
  readonly #release: () => void

  /** `release` gives the engine's parts back; called once, it may throw. */
  constructor(events: ConnectionEvents, release: () => void) {
    this.#events = events
    this.#release = release
  }

  get isOver(): boolean {
    return this.#over
  }

  /** For use in an engine's callback. */
  readonly later = (run: (events: ConnectionEvents) => void): void => {
    setImmediate(() => this.now(run))
  }

  /** For our own calls into the engine, and what its promises lead to. */
  readonly now = (run: (events: ConnectionEvents) => void): void => {
    if (this.#over) return
    try {
      run(this.#events)
    } catch (error) {
      this.fail(reasonOf(error))
    }
  }

  fail(why: string): void {
    if (this.#over) return
    this.close()
    try {
      this.#events.failed(why)
    } catch {
      // Whoever can't even be told of an end has no use for another.
    }
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    try {
      this.#release()
    } catch {
      // The engine was quicker: there is nothing left to give back.
    }
  }
}
