/**
 * What the statechart went through, a line an event, for people and for replaying: built from XState's inspection events.
 * No keys come this way, the statechart holds none; the flights of the key agreement and the code are left out here.
 */
import type { InspectionEvent, StateValue } from 'xstate'
import type { CallContext, CallInput } from './setup.js'

/** The first line. `version`: of the program that wrote it. */
export interface InspectionHeader {
  readonly inspect: 1
  readonly version: string
  readonly input: Omit<CallInput, 'random'>
}

/** What came to the statechart: a CallEvent, or what XState itself sends, such as `xstate.after.<delay>.<state>` of a timer. */
export type InspectedEvent = { readonly type: string } & { readonly [key: string]: unknown }

/** One event, and what it did. */
export interface InspectionLine {
  /** Since the start, ms, one decimal. */
  readonly t: number
  readonly event: InspectedEvent
  /** States before and after, as `compactState` writes them; `from` is empty at the start. */
  readonly from: string
  readonly to: string
  /** Fields of the context that are new, with their new values. */
  readonly changed?: { readonly [field: string]: unknown }
  /** Types of the events that the statechart raised for itself on the way, in order. */
  readonly raised?: readonly string[]
  /** No transition was taken. */
  readonly ignored?: true
  /** So many `peer.heard` that changed nothing came since the line before. They are not written: there are fifty a second. */
  readonly heard?: number
}

export interface InspectionSink {
  readonly version: string
  /** Called in the middle of the call: be quick, and never throw. */
  readonly write: (line: InspectionHeader | InspectionLine) => void
}

/** Stands for what no file may hold. */
export const LEFT_OUT = '(left out)'
/** Fields of events and of the context: flights of the key agreement, and the code that two people compare. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['data', 'code'])

/** Listens to one call, from before its start. `now`: ms, never going back. */
export class Inspection {
  #state = ''
  #context: Partial<CallContext> = {}
  #startedAt = 0
  #heard = 0
  /** Of the event that is being worked on: what was raised, and whether any transition was taken. */
  #raised: string[] = []
  #moved = false
  #cause: unknown = null

  constructor(
    private readonly now: () => number,
    private readonly sink: InspectionSink,
  ) {}

  /** To be handed to `createActor` as `inspect`. */
  readonly take = (inspected: InspectionEvent): void => {
    if (inspected.type !== '@xstate.snapshot' && inspected.type !== '@xstate.microstep') return
    // Actors of the call are none of our business, only the call itself.
    if (inspected.actorRef.sessionId !== inspected.rootId) return
    if (inspected.type === '@xstate.snapshot') this.#line(inspected.event, inspected.snapshot as unknown as Moment)
    else this.#step(inspected.event, inspected._transitions.length > 0)
  }

  /** The first step belongs to the event itself, those with another event to raised ones, the rest to `always`. */
  #step(event: InspectedEvent, moved: boolean): void {
    if (this.#cause !== null && this.#cause !== event) this.#raised.push(event.type)
    this.#cause = event
    this.#moved ||= moved
  }

  #line(event: InspectedEvent, { value, context }: Moment): void {
    const first = event.type === 'xstate.init'
    if (first) this.#begin(event)
    const from = this.#state
    const to = compactState(value)
    const changed = changes(this.#context, context)
    const raised = this.#raised
    const ignored = !first && !this.#moved
    this.#state = to
    this.#context = context
    this.#raised = []
    this.#moved = false
    this.#cause = null
    if (event.type === 'peer.heard' && from === to && !changed) {
      this.#heard++
      return
    }
    this.sink.write({
      t: Math.round((this.now() - this.#startedAt) * 10) / 10,
      event: first ? { type: event.type } : withoutSecrets(event),
      from,
      to,
      ...(changed ? { changed } : {}),
      ...(raised.length > 0 && !first ? { raised } : {}),
      ...(ignored ? { ignored } : {}),
      ...(this.#heard > 0 ? { heard: this.#heard } : {}),
    })
    this.#heard = 0
  }

  #begin(event: InspectedEvent): void {
    this.#startedAt = this.now()
    const input = plain(event.input as CallInput) as unknown as InspectionHeader['input']
    this.sink.write({ inspect: 1, version: this.sink.version, input })
    this.#context = event.input as CallInput
  }
}

interface Moment {
  readonly value: StateValue
  readonly context: CallContext
}

/**
 * A state in one line: `call.joined.talking(microphone.open route.relayed.off) signaling.online.steady.listening`. Regions that lie
 * side by side are in brackets, those at the top are not. They are sorted: XState's own order depends on the way there.
 */
export function compactState(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => {
      if (inner === undefined) return key
      const rest = compactState(inner)
      if (rest === '') return key
      return typeof inner === 'object' && Object.keys(inner).length > 1 ? `${key}(${rest})` : `${key}.${rest}`
    })
    .join(' ')
}

/** Null: nothing changed. Functions are no news. */
function changes(before: Partial<CallContext>, after: CallContext): Record<string, unknown> | null {
  if (before === after) return null
  const old: { readonly [field: string]: unknown } = { ...before }
  const fresh = Object.entries(after).filter(([field, value]) => !Object.is(old[field], value))
  const changed = withoutSecrets(plain(Object.fromEntries(fresh)))
  return Object.keys(changed).length > 0 ? changed : null
}

function plain(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'function'))
}

function withoutSecrets<T extends { readonly [field: string]: unknown }>(fields: T): T {
  const entries = Object.entries(fields).map(([field, value]) => {
    if (SECRET_FIELDS.has(field) && typeof value === 'string') return [field, LEFT_OUT]
    return [field, value instanceof Error ? value.message : value]
  })
  return Object.fromEntries(entries) as T
}
