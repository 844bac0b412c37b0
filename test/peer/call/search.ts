/**
 * Looks for shortest ways through the call statechart, breadth first: its pure transition function, with timers kept in a list.
 * What is found here is played again on the real thing by paths.test.ts.
 */
import { type AnyActorScope, createActor, type EventObject, type InspectedMicrostepEvent } from 'xstate'
import type { CallEvent } from '../../../peer/call/events.js'
import { callMachine } from '../../../peer/call/machine.js'
import type { CallInput } from '../../../peer/call/setup.js'
import type { CallSnapshot } from '../../../peer/call/view.js'
import { CALL, OTHER_CALL } from './rig.js'
import { regionOf } from './table.js'
import { candidates, keyOf, nameOf, type Transition, transitionOf } from './transitions.js'

/** An event, or a wait, ms. */
export type Step = CallEvent | number

export interface Way {
  readonly input: Partial<CallInput>
  readonly steps: readonly Step[]
  /** The moves of the search: a wait with everything that is heard meanwhile is one. */
  readonly moves: readonly string[]
}

interface Armed {
  readonly due: number
  readonly event: EventObject
}

interface Node extends Way {
  readonly snapshot: CallSnapshot
  readonly timers: ReadonlyMap<string, Armed>
  readonly now: number
}

export const inputOf = (input: Partial<CallInput>): CallInput => ({
  ownId: 'ABC',
  peerId: 'XYZ',
  wants: 'auto',
  waitMs: null,
  talkMs: null,
  random: () => 0.5,
  ...input,
})

/**
 * The transitions of a microstep that were really taken. Inspection also shows those that gave way to another: where one
 * leaves its region, the first alone is sure to be taken.
 */
export function takenIn({ _transitions }: InspectedMicrostepEvent): Transition[] {
  const all = _transitions.map(transitionOf)
  const stays = ({ source, targets }: Transition) => targets.every(target => regionOf(target) === regionOf(source))
  return all.every(stays) ? all : all.slice(0, 1)
}

/** So long does something come, ms, while a wait goes on. */
const HEARD_FOR = { 'heard on the relay': 16_000, 'heard directly': 31_000 }
type Waiting = 'in silence' | 'server answers' | keyof typeof HEARD_FOR

export class Search {
  /** A shortest way to each transition, by its key, and to each state that a snapshot can rest in, by its name. */
  readonly taken = new Map<string, Way>()
  readonly reached = new Map<string, Way>()
  #fresh: string[] = []
  #armed = new Map<string, Armed>()
  #now = 0
  readonly #scope: AnyActorScope
  readonly #seen = new Set<string>()

  constructor() {
    const actor = createActor(callMachine, { input: inputOf({}) })
    actor.system.inspect(event => {
      if (event.type === '@xstate.microstep') this.#fresh.push(...takenIn(event).map(keyOf))
    })
    this.#scope = {
      self: actor,
      id: actor.id,
      sessionId: actor.sessionId,
      system: actor.system,
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: ({ type, params }) => this.#act(type, params),
    }
  }

  /** Goes through all that can be reached in `depth` moves, until `done` says that it is enough. */
  run(inputs: readonly Partial<CallInput>[], depth: number, done: () => boolean): void {
    let layer = inputs.map(input => this.#start(input))
    for (let at = 0; at < depth && layer.length > 0; at++) {
      const next: Node[] = []
      for (const node of layer) {
        for (const child of this.#children(node)) if (this.#isNew(child)) next.push(child)
        if (done()) return
      }
      layer = next
    }
  }

  get size(): number {
    return this.#seen.size
  }

  #act(type: string, params: unknown): void {
    if (type === 'xstate.cancel') this.#armed.delete((params as { sendId: string }).sendId)
    if (type !== 'xstate.raise') return
    const { event, id, delay } = params as { event: EventObject; id: string; delay?: number }
    if (delay === undefined) return
    this.#armed.delete(id)
    this.#armed.set(id, { due: this.#now + delay, event })
  }

  #start(input: Partial<CallInput>): Node {
    this.#armed = new Map()
    this.#now = 0
    const snapshot = callMachine.getInitialSnapshot(this.#scope, inputOf(input)) as CallSnapshot
    const node: Node = { input, steps: [], moves: [], snapshot, timers: this.#armed, now: 0 }
    this.#isNew(node)
    return node
  }

  /** One event on a copy of `node`; notes what it takes and where it leads. */
  #send(node: Node, event: EventObject, steps: readonly Step[], move: string | null, now = node.now): Node {
    this.#fresh = []
    this.#armed = new Map(node.timers)
    this.#now = now
    const snapshot = callMachine.transition(node.snapshot, event as CallEvent, this.#scope) as CallSnapshot
    const next: Node = {
      input: node.input,
      steps: [...node.steps, ...steps],
      moves: move === null ? node.moves : [...node.moves, move],
      snapshot,
      timers: this.#armed,
      now,
    }
    for (const key of this.#fresh) if (!this.taken.has(key)) this.taken.set(key, next)
    return next
  }

  #isNew(node: Node): boolean {
    for (const state of node.snapshot._nodes) {
      const name = nameOf(state)
      if (!this.reached.has(name)) this.reached.set(name, node)
    }
    const key = keyOfNode(node)
    if (node.snapshot.status !== 'active' || this.#seen.has(key)) return false
    this.#seen.add(key)
    return true
  }

  *#children(node: Node): Generator<Node> {
    const atomic = node.snapshot._nodes.filter(({ type }) => type === 'atomic')
    for (const event of eventsIn(node.snapshot)) {
      if (!atomic.some(state => candidates(state, event.type).length > 0)) continue
      yield this.#send(node, event, [event], event.type)
    }
    yield* this.#waits(node, 'in silence')
    yield* this.#waits(node, 'server answers')
    yield* this.#waits(node, 'heard on the relay')
    if (node.snapshot.matches({ call: { joined: { talking: { route: 'direct' } } } }))
      yield* this.#waits(node, 'heard directly')
  }

  /** Waits for each timer that runs now, in the order in which they are due. */
  *#waits(start: Node, how: Waiting): Generator<Node> {
    const own = new Set(start.timers.values())
    let node = start
    while (node.snapshot.status === 'active' && [...node.timers.values()].some(timer => own.has(timer))) {
      const [id, timer] = [...node.timers].reduce((a, b) => (b[1].due < a[1].due ? b : a))
      if (how in HEARD_FOR && timer.due - start.now > HEARD_FOR[how as keyof typeof HEARD_FOR]) return
      const saved = savedBy(timer.event.type, how, node.snapshot)
      const now = Math.max(node.now, saved ? timer.due - 1 : timer.due)
      const steps: Step[] = now > node.now ? [now - node.now] : []
      if (saved) {
        node = this.#send(node, saved, [...steps, saved], null, now)
        continue
      }
      const timers = new Map(node.timers)
      timers.delete(id)
      node = this.#send({ ...node, timers }, timer.event, steps.length > 0 ? steps : [0], null, now)
      const label = `${(now - start.now) / 1_000} s ${how}`
      if (own.delete(timer)) yield { ...node, moves: [...start.moves, label] }
    }
  }
}

/** What comes just in time, so that a timer does not fire. */
function savedBy(timer: string, how: Waiting, { context }: CallSnapshot): CallEvent | null {
  if (how === 'in silence') return null
  if (timer.startsWith('xstate.after.pong.')) return { type: 'server.pong', attempt: context.link }
  const heard =
    how === 'heard directly' ? /^xstate\.after\.(quiet|firstHeard|doubt)\./ : /^xstate\.after\.(quiet|firstHeard)\./
  if (how === 'server answers' || !heard.test(timer)) return null
  return { type: 'peer.heard', route: how === 'heard directly' ? 'direct' : 'relay' }
}

/** What makes a difference to what can come next; timers aside. */
function keyOfNode({ snapshot, input }: Node): string {
  const { context } = snapshot
  const states = snapshot._nodes.filter(({ type }) => type === 'atomic').map(nameOf)
  const flags = [context.link === 0, context.attempt === context.link, context.muted, context.leftHint]
  const more = [
    context.directUnavailable,
    context.usedUp !== null,
    context.addressIsNew,
    context.awaitsConfirmation,
    context.missedPings,
    context.restart !== null,
  ]
  return JSON.stringify([input, context.peerWants, states.filter(name => !/^(micro|fare)/.test(name)), flags, more])
}

function eventsIn({ context }: CallSnapshot): CallEvent[] {
  const { attempt, link, generation } = context
  const callId = context.callId ?? CALL
  const sockets = attempt === link ? [attempt] : [attempt, link]
  const refused = { type: 'server.refused', attempt, message: '' } as const
  /** The server says these on the socket in use alone. */
  const said: CallEvent[] = [
    { type: 'server.pong', attempt: link },
    { type: 'server.restarting', reconnectInMs: 100, tryForMs: 1_000 },
    { type: 'server.servers', urls: ['ws://two.test'] },
    { type: 'server.move', url: 'ws://two.test' },
    { type: 'server.presence', state: 'absent' },
    { type: 'server.presence', state: 'busy' },
    { type: 'server.matched', callId: context.callId === CALL ? OTHER_CALL : CALL, resumed: false },
    { type: 'server.matched', callId, resumed: true },
    { type: 'server.pass', callId, data: '' },
    { type: 'server.away', callId },
    { type: 'server.left', callId, reason: 'hungUp' },
    { type: 'server.left', callId, reason: 'unverified' },
    { type: 'server.usedUp', message: '' },
  ]
  return [
    { type: 'hangUp' },
    { type: 'mute' },
    { type: 'unmute' },
    { type: 'confirm' },
    { type: 'server.greeted', attempt },
    { type: 'server.online', attempt },
    ...sockets.flatMap((socket): CallEvent[] => [
      { type: 'server.closed', attempt: socket, why: '' },
      { ...refused, attempt: socket, reason: 'taken' },
    ]),
    { ...refused, reason: 'tooMany' },
    ...(link === 0 ? [] : said),
    { type: 'agreement.send', data: '', confirms: true },
    { type: 'agreement.agreed', mode: 'code', code: 'ABCDEF', since: null },
    { type: 'agreement.failed', message: '', distrust: null },
    { type: 'peer.heard', route: 'relay' },
    { type: 'peer.heard', route: 'direct' },
    { type: 'peer.status', muted: false, doubt: false, recording: false, wants: 'auto' },
    { type: 'peer.status', muted: false, doubt: false, recording: false, wants: 'direct' },
    { type: 'peer.status', muted: false, doubt: false, recording: false, wants: 'relay' },
    { type: 'peer.bye', reason: 'hungUp', answer: false },
    { type: 'peer.bye', reason: 'hungUp', answer: true },
    { type: 'sound.failed', name: '', message: '', hint: '' },
    { type: 'recording.ended' },
    { type: 'direct.called', generation: generation + 1 },
    { type: 'direct.open', generation },
    { type: 'direct.proved', generation },
    { type: 'direct.failed', generation, why: '' },
    { type: 'direct.unavailable', generation, why: '' },
    { type: 'address.changed' },
  ]
}
