/** Reads the call statechart itself: its states, and every transition by source, event and place among the candidates. */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { callMachine } from '../../../peer/call/machine.js'

export interface Transition {
  /** Short name of the state that defines it. */
  readonly source: string
  /** Type of the event, `after` and the name of the delay, or `always`. */
  readonly event: string
  /** Place among the candidates for this event. */
  readonly index: number
  /** Short names; empty: an action only. */
  readonly targets: readonly string[]
  /** Name of the guard, `(event)` for one without a name, null for none. */
  readonly guard: string | null
  /** Whether it has actions. */
  readonly acts: boolean
}

/** All states from the root down, parents first. */
export const states: readonly AnyStateNode[] = below(callMachine.root)
export const atomicStates = states.filter(({ type }) => type === 'atomic' || type === 'final')
export const delays = Object.keys(callMachine.implementations.delays).map(delay => `after ${delay}`)

/** The path of a state without what is the same for all: `signaling.refused`, `waiting`, `route.direct.trusted`. */
export function nameOf({ path }: AnyStateNode): string {
  return path.join('.').replace(/^call\.(joined\.)?(talking\.)?(?=.)/, '')
}

/** The transitions that a state defines itself. */
export function transitionsOf(node: AnyStateNode): Transition[] {
  const definitions = [...(node.transitions ?? new Map()).values(), node.always ?? []]
  return definitions.flat().map(transitionOf)
}

/** `definition` may come from the machine or from inspection of a running one. */
export function transitionOf(definition: AnyTransitionDefinition): Transition {
  const { source, target, guard, eventType } = definition
  const list = eventType === '' ? source.always : source.transitions.get(eventType)
  return {
    source: nameOf(source),
    event: eventType === '' ? 'always' : eventType.replace(/^xstate\.after\.(\w+)\..*/, 'after $1'),
    index: list?.indexOf(definition) ?? -1,
    targets: (target ?? []).map(nameOf),
    acts: definition.actions.length > 0,
    guard: guard === undefined ? null : typeof guard === 'string' ? guard : '(event)',
  }
}

export const transitions = states.flatMap(transitionsOf)

export const keyOf = ({ source, event, index }: Transition) => `${source} | ${event} | ${index}`

/** What can answer `event` in an atomic state, the state's own transitions first, then those of its ancestors. */
export function candidates(atomic: AnyStateNode, event: string): Transition[] {
  const found: Transition[] = []
  for (let node: AnyStateNode | undefined = atomic; node; node = node.parent)
    found.push(...transitionsOf(node).filter(transition => transition.event === event))
  const certain = found.findIndex(({ guard }) => guard === null)
  return certain < 0 ? found : found.slice(0, certain + 1)
}

/** Left in the same moment in which it is entered, or the end: no event ever meets it. */
export function isPassing(atomic: AnyStateNode): boolean {
  return (
    atomic.type === 'final' || transitionsOf(atomic).some(({ event, guard }) => event === 'always' && guard === null)
  )
}

/** A cell in words: `route.direct if isOwnGeneration, else action only`. */
export function cellOf(atomic: AnyStateNode, event: string): string {
  const words = candidates(atomic, event).map(({ targets, guard, acts }) => {
    return `${targets.join(' and ') || (acts ? 'action only' : 'nothing, on purpose')}${guard ? ` if ${guard}` : ''}`
  })
  return words.join(', else ')
}

function below(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(below)]
}
