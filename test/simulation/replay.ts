/**
 * A recorded call once more: the events of the recording go to the real statechart, and what it does is compared, line by line. Time
 * stands still here: timers are among the recorded events, so nothing depends on a clock.
 */
import { createActor, fromCallback } from 'xstate'
import type { CallEvent } from '../../peer/call/events.js'
import { Inspection, type InspectionLine } from '../../peer/call/inspection.js'
import { callMachine } from '../../peer/call/machine.js'
import type {
  AgreementCommand,
  AgreementInput,
  DirectCommand,
  DirectInput,
  LinkCommand,
  SessionCommand,
  SessionInput,
  SoundCommand,
  SoundInput,
} from '../../peer/call/setup.js'
import type { Recording } from './recording.js'

/** One recorded line, and what the statechart made of its event now. */
export interface ReplayStep {
  readonly recorded: InspectionLine
  /** Null: nothing changed, or the call was over. */
  readonly replayed: InspectionLine | null
  /** What the actors were told, in order: `link dial 2`. */
  readonly told: readonly string[]
  /** Where the two differ, a sentence each. */
  readonly differences: readonly string[]
}

type Receive<C> = (listener: (command: C) => void) => void

/** Runs all of it. Pure: the same recording gives the same steps. */
export function replay({ header, lines }: Recording): ReplayStep[] {
  let told: string[] = []
  let news: InspectionLine[] = []
  let at = 0
  const play = <C extends object>(name: string, receive: Receive<C>) => {
    if (name !== 'link') told.push(`${name} starts`)
    receive(command => told.push(`${name} ${words(command)}`))
    return () => told.push(`${name} stops`)
  }
  const machine = callMachine.provide({
    actors: {
      link: fromCallback<LinkCommand>(({ receive }) => void play('link', receive)),
      agreement: fromCallback<AgreementCommand, AgreementInput>(({ receive }) => play('agreement', receive)),
      session: fromCallback<SessionCommand, SessionInput>(({ receive }) => play('session', receive)),
      sound: fromCallback<SoundCommand, SoundInput>(({ receive }) => play('sound', receive)),
      direct: fromCallback<DirectCommand, DirectInput>(({ receive }) => play('direct', receive)),
    },
  })
  const sink = {
    version: header.version,
    write: (line: object) => {
      if ('event' in line) news.push(line as InspectionLine)
    },
  }
  const actor = createActor(machine, {
    clock: { setTimeout: () => 0, clearTimeout: () => {} },
    // It only spreads delays, and those are over.
    input: { ...header.input, random: () => 0.5 },
    inspect: new Inspection(() => at, sink).take,
  })
  // A statechart that fails shows as a difference: all later lines come to nothing.
  actor.subscribe({ error: () => {} })
  return lines.map((recorded, i) => {
    told = []
    news = []
    at = recorded.t
    if (i === 0) actor.start()
    else if (actor.getSnapshot().status === 'active') actor.send(recorded.event as CallEvent)
    const replayed = news[0] ?? null
    return { recorded, replayed, told, differences: differencesOf(recorded, replayed) }
  })
}

const COMPARED = ['from', 'to', 'changed', 'raised', 'ignored'] as const

function differencesOf(recorded: InspectionLine, replayed: InspectionLine | null): string[] {
  if (!replayed) return ['recorded as news, but now nothing came of it']
  return COMPARED.flatMap(field => {
    const [then, now] = [written(recorded[field]), written(replayed[field])]
    return then === now ? [] : [`${field} was ${then}, now is ${now}`]
  })
}

/** As it would be in the file, whatever the order of its fields. */
function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : `${JSON.stringify(value)}`
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, inner]) => `${field}: ${written(inner)}`)
    .join(', ')}}`
}

/** The values of a command or an event in one line; its `type` comes first, fields that are true or false by name. */
export function words(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => (inner === true ? key : inner === false ? `not-${key}` : words(inner)))
    .join(' ')
}
