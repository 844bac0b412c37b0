/** The call statechart on a virtual clock, with actors that only write down what they are told. */
import { createActor, fromCallback } from 'xstate'
import type { CallEvent, RouteKind } from '../../../peer/call/events.js'
import { callMachine } from '../../../peer/call/machine.js'
import type {
  AgreementCommand,
  AgreementInput,
  CallInput,
  DirectCommand,
  DirectInput,
  LinkCommand,
  SessionCommand,
  SessionInput,
  SoundCommand,
  SoundInput,
} from '../../../peer/call/setup.js'
import { type CallView, viewOf } from '../../../peer/call/view.js'
import { words } from '../../simulation/replay.js'
import { VirtualClock } from '../../virtual-clock.js'

export const CALL = 'AAAAAAAAAAAAAAAAAAAAAA'
export const OTHER_CALL = 'BBBBBBBBBBBBBBBBBBBBBA'

export class CallRig {
  readonly clock = new VirtualClock(1_000)
  /** Actors that run now. */
  readonly running = new Set<string>()
  /** What the statechart's random source gives. */
  random = 0.5
  /** Pings to the server are answered at once, and not written down. */
  serverAnswers = false
  readonly actor
  #told: string[] = []

  constructor(input: Partial<CallInput> = {}) {
    const machine = callMachine.provide({
      actors: {
        link: fromCallback<LinkCommand>(({ receive }) => this.#play('link', '', receive)),
        agreement: fromCallback<AgreementCommand, AgreementInput>(({ input, receive }) =>
          this.#play('agreement', `${input.ownId} ${input.peerId} ${input.callId}`, receive),
        ),
        session: fromCallback<SessionCommand, SessionInput>(({ input, receive }) =>
          this.#play('session', input.wants, receive),
        ),
        sound: fromCallback<SoundCommand, SoundInput>(({ input, receive }) =>
          this.#play('sound', input.muted ? 'muted' : 'open', receive),
        ),
        direct: fromCallback<DirectCommand, DirectInput>(({ input, receive }) =>
          this.#play('direct', `${input.ownId} ${input.peerId}`, receive),
        ),
      },
    })
    this.actor = createActor(machine, {
      clock: this.clock,
      input: {
        ownId: 'ABC',
        peerId: 'XYZ',
        wants: 'auto',
        waitMs: null,
        talkMs: null,
        random: () => this.random,
        ...input,
      },
    })
    this.actor.start()
  }

  /** What the actors were told since the last time this was asked, as `actor command words`. */
  take(): string[] {
    const told = this.#told
    this.#told = []
    return told
  }

  get snapshot() {
    return this.actor.getSnapshot()
  }

  get view(): CallView {
    return viewOf(this.snapshot)
  }

  /** Where each region is, as a path; a path ends where regions lie side by side. */
  get signaling(): string {
    return path(part(this.snapshot.value, 'signaling'))
  }

  get call(): string {
    return path(part(this.snapshot.value, 'call'))
  }

  /** `route`, `liveness` or `microphone` while two people talk. */
  talking(region: 'route' | 'liveness' | 'microphone'): string {
    return path(part(this.snapshot.value, 'call', 'joined', 'talking', region))
  }

  get route(): string {
    return this.talking('route')
  }

  answering(): this {
    this.serverAnswers = true
    return this
  }

  send(event: CallEvent): this {
    this.actor.send(event)
    return this
  }

  wait(ms: number): this {
    this.clock.advance(ms)
    return this
  }

  /** Something that authenticates comes on `route` now, and each `every` ms for `ms`. */
  hear(route: RouteKind, ms = 0, every = 20): this {
    this.send({ type: 'peer.heard', route })
    for (let passed = 0; passed < ms; passed += every) this.wait(every).send({ type: 'peer.heard', route })
    return this
  }

  online(attempt = this.snapshot.context.attempt): this {
    return this.send({ type: 'server.online', attempt })
  }

  closed(attempt = this.snapshot.context.attempt): this {
    return this.send({ type: 'server.closed', attempt, why: 'cut' })
  }

  matched(callId = CALL, resumed = false): this {
    return this.send({ type: 'server.matched', callId, resumed })
  }

  agreed(mode: 'password' | 'code' = 'password'): this {
    return this.send({ type: 'agreement.agreed', mode, code: 'ABCDEF', since: null })
  }

  /** From the start to the first moment of talking; what was told on the way is forgotten. */
  talk(): this {
    this.online().matched().agreed()
    this.take()
    return this
  }

  /** Talking over the relay, with no direct route to be had. */
  relayed(): this {
    this.talk().send({ type: 'direct.unavailable', generation: 1, why: 'none here' }).hear('relay')
    this.take()
    return this
  }

  /** Talking over the direct route. */
  direct(): this {
    this.talk().send({ type: 'direct.proved', generation: 1 }).hear('direct')
    this.take()
    return this
  }

  #play<C extends { type: string }>(name: string, input: string, receive: (hear: (command: C) => void) => void) {
    this.running.add(name)
    if (input) this.#told.push(`${name} starts ${input}`)
    receive(command => {
      const told = `${name} ${words(command)}`
      if (this.serverAnswers && told.startsWith('link tell ping'))
        this.send({ type: 'server.pong', attempt: this.snapshot.context.link })
      else this.#told.push(told)
    })
    return () => {
      this.running.delete(name)
    }
  }
}

/** A rig that talks over the relay. */
export const relayed = (input?: Partial<CallInput>) => new CallRig(input).relayed()

function part(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  )
}

function path(value: unknown): string {
  if (typeof value === 'string') return value
  const [only, ...more] = Object.entries(value ?? {})
  if (!only || more.length > 0) return ''
  const rest = path(only[1])
  return rest ? `${only[0]}.${rest}` : only[0]
}
