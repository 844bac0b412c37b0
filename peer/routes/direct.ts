/**
 * The direct route: one connection at a time, whichever engine makes it, and what is negotiated for it with the other side. It
 * decides nothing by time; the statechart says when to try and when to leave. Side a makes all offers, so two never cross.
 */
import { isNewer, type Negotiation } from '../../protocol/negotiation.js'
import { reasonOf } from '../../protocol/reason.js'
import type { DirectEvent } from '../call/events.js'
import type { DirectCommand } from '../call/setup.js'
import type { Connect, Connection, ConnectionEvents, IceServer, Path, Signal } from './connection.js'
import type { Route } from './route.js'

/** Signals of an attempt that the statechart has not taken up yet, at most. */
const MAX_HELD = 64

export interface DirectParts {
  /** Null: this program has no engine. */
  readonly connect: Connect | null
  /** Which servers the next attempt may ask for addresses. */
  readonly servers: () => readonly IceServer[]
  /** Side a of the call. */
  readonly initiator: boolean
  /** Brings a message to the other side, sealed and in order. */
  readonly tell: (message: Negotiation) => void
  /** A connection has opened: it is to be proved. */
  readonly opened: (generation: number) => void
  /** Sealed bytes came. */
  readonly deliver: (sealed: Uint8Array) => void
  readonly report: (event: DirectEvent) => void
}

export class DirectRoute implements Route {
  readonly kind = 'direct'
  readonly #parts: DirectParts
  #connection: Connection | null = null
  /** Of the newest attempt here, under way or over. */
  #generation = 0
  /** What came of the newest attempt that the other side began. */
  #held: { readonly generation: number; readonly signals: Signal[] } | null = null

  constructor(parts: DirectParts) {
    this.#parts = parts
  }

  /** Signals that wait for the statechart to take up the attempt. */
  get held(): number {
    return this.#held?.signals.length ?? 0
  }

  /** How the open connection reaches the other side; null while there is none. */
  get path(): Path | null {
    return this.#connection?.path() ?? null
  }

  command({ type, generation }: DirectCommand): void {
    if (type === 'try') this.#try(generation)
    else this.#leave(generation)
  }

  send(sealed: Uint8Array): void {
    this.#connection?.send(sealed)
  }

  /** A message of the other side. */
  hear({ kind, generation, text }: Negotiation): void {
    if (isNewer(generation, this.#generation) && (kind === 'want' || kind === 'offer')) this.#called(generation)
    if (kind === 'want') return
    if (kind === 'end') return this.#ended(generation)
    const signal: Signal = { kind, text }
    if (generation === this.#generation) this.#connection?.signal(signal)
    else if (generation === this.#held?.generation && this.#held.signals.length < MAX_HELD)
      this.#held.signals.push(signal)
  }

  close(): void {
    this.#connection?.close()
    this.#connection = null
  }

  /** The other side began an attempt. The statechart answers with `try`, at once or soon, or with `leave`. */
  #called(generation: number): void {
    if (generation === this.#held?.generation) return
    this.#held = { generation, signals: [] }
    this.#parts.report({ type: 'direct.called', generation })
  }

  #try(generation: number): void {
    const { connect, servers, initiator, tell, report } = this.#parts
    this.close()
    this.#generation = generation
    const held = this.#held?.generation === generation ? this.#held.signals : null
    this.#held = null
    try {
      if (!connect) throw new Error('this program has no engine for it')
      this.#connection = connect(this.#events(generation), servers())
    } catch (error) {
      tell({ kind: 'end', generation, text: '' })
      report({ type: 'direct.unavailable', generation, why: reasonOf(error) })
      return
    }
    // Side a needs no word of it: its offer says it.
    if (!initiator && !held) tell({ kind: 'want', generation, text: '' })
    this.#connection.start(initiator)
    for (const signal of held ?? []) this.#connection?.signal(signal)
  }

  #leave(generation: number): void {
    if (generation === this.#generation && !this.#connection) return
    if (generation === this.#generation) this.close()
    else if (generation === this.#held?.generation) this.#held = null
    this.#parts.tell({ kind: 'end', generation, text: '' })
  }

  /** The other side has left the attempt. */
  #ended(generation: number): void {
    if (generation === this.#held?.generation) this.#held = null
    if (generation !== this.#generation || !this.#connection) return
    this.close()
    this.#parts.report({ type: 'direct.failed', generation, why: 'the other side has left it' })
  }

  /** An engine may call late, or in the middle of our own call: only the newest attempt counts. */
  #events(generation: number): ConnectionEvents {
    const { tell, opened, deliver, report } = this.#parts
    const ours = () => generation === this.#generation
    return {
      signal: ({ kind, text }) => ours() && tell({ kind, generation, text }),
      message: bytes => ours() && this.#connection && deliver(bytes),
      open: () => {
        if (!ours() || !this.#connection) return
        opened(generation)
        report({ type: 'direct.open', generation })
      },
      failed: why => {
        if (!ours() || !this.#connection) return
        this.close()
        tell({ kind: 'end', generation, text: '' })
        report({ type: 'direct.failed', generation, why })
      },
    }
  }
}
