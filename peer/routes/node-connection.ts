/** What Node's engines share: who the other end has to be, when a connection counts as open, and what becomes of a throw. */
import type { Connection, ConnectionEvents, Path, Signal } from './connection.js'
import { Guard } from './node-guard.js'
import { isParting, PARTING } from './parting.js'
import { RemoteEnd } from './remote-end.js'

/** One engine's part of a connection. A throw in it ends the connection; in `send` and `path` it is no matter. */
export interface Part {
  /** Once, before all else. */
  start(): void
  /** The other side has described itself. */
  meet(kind: 'offer' | 'answer', sdp: string): void
  /** A candidate of the other side; after its description. */
  consider(candidate: string): void
  send(bytes: Uint8Array): void
  path(): Path | null
  /** Gives back what it holds; the last. */
  release(): void
}

/** What a part goes by, and where it tells what its engine does. All may be called in the engine's callbacks but `tell`. */
export interface Home {
  readonly initiator: boolean
  readonly guard: Guard
  readonly remote: RemoteEnd
  /** For the other side. Not in a callback. */
  tell(kind: Signal['kind'], text: string): void
  /** The channel can carry. `fingerprint`: of the certificate that the other end has shown. */
  opened(fingerprint: () => string): void
  received(message: string | Uint8Array | ArrayBuffer): void
  /** The state of the connection as a whole. */
  changed(state: string): void
  channelClosed(): void
}

const CLOSED = 'the other side has closed it'

export class NodeConnection implements Connection {
  readonly #make: (home: Home) => Part
  readonly #guard: Guard
  #remote: RemoteEnd | null = null
  #part: Part | null = null
  #open = false

  constructor(events: ConnectionEvents, make: (home: Home) => Part) {
    this.#make = make
    this.#guard = new Guard(events, () => {
      this.send(PARTING)
      this.#open = false
      this.#part?.release()
    })
  }

  start(initiator: boolean): void {
    if (this.#remote) return
    const remote = new RemoteEnd(initiator)
    this.#remote = remote
    this.#guard.now(() => {
      this.#part = this.#make(this.#home(initiator, remote))
      this.#part.start()
    })
  }

  signal(signal: Signal): void {
    this.#guard.now(() => {
      if (!this.#remote?.takes(signal)) return
      if (signal.kind === 'candidate') this.#part?.consider(signal.text)
      else this.#part?.meet(signal.kind, signal.text)
    })
  }

  send(bytes: Uint8Array): void {
    if (!this.#open) return
    try {
      this.#part?.send(bytes)
    } catch {
      // It closed just now, which its event will tell.
    }
  }

  path(): Path | null {
    if (!this.#open) return null
    try {
      return this.#part?.path() ?? null
    } catch {
      return null
    }
  }

  close(): void {
    this.#guard.close()
  }

  #home(initiator: boolean, remote: RemoteEnd): Home {
    const guard = this.#guard
    const { later } = guard
    return {
      initiator,
      guard,
      remote,
      tell: (kind, text) => guard.now(events => events.signal({ kind, text })),
      opened: fingerprint => later(events => this.#opened(fingerprint() === remote.fingerprint, events)),
      received: message => later(events => this.#received(message, events)),
      changed: state => {
        if (state === 'failed' || state === 'closed') later(() => guard.fail(`the connection has ${state}`))
      },
      channelClosed: () => later(() => guard.fail(CLOSED)),
    }
  }

  #received(message: string | Uint8Array | ArrayBuffer, events: ConnectionEvents): void {
    if (!this.#open || typeof message === 'string') return
    const bytes = new Uint8Array(message)
    if (isParting(bytes)) this.#guard.fail(CLOSED)
    else events.message(bytes)
  }

  /** The engines compare the fingerprints themselves; that they did is not left to their defaults. */
  #opened(isTheOne: boolean, events: ConnectionEvents): void {
    if (this.#open) return
    if (!isTheOne) throw new Error('it came up with somebody else')
    this.#open = true
    events.open()
  }
}
