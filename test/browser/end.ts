/**
 * One end of a call as far as protocol/ and peer/call/ go, asked step by step. The same code answers in a browser's page and
 * in Node, so that a test can let the two talk.
 */
import { type Actor, createActor, fromCallback, type NonReducibleUnknown } from 'xstate'
import { agreementActor } from '../../peer/call/agreement.js'
import type { CallEvent } from '../../peer/call/events.js'
import { callMachine } from '../../peer/call/machine.js'
import type {
  DirectCommand,
  DirectInput,
  LinkCommand,
  SessionCommand,
  SessionInput,
  SoundCommand,
  SoundInput,
} from '../../peer/call/setup.js'
import { type CallView, viewOf } from '../../peer/call/view.js'
import {
  type CallKeys,
  createIdentity,
  fromBase64url,
  Handshake,
  type HandshakeStep,
  type Opened,
  Opener,
  type Packet,
  Sealer,
  type SealingOptions,
} from '../../protocol/index.js'

export interface CallOf {
  readonly ownId: string
  readonly peerId: string
  readonly callId: string
  /** Null: the two compare a code. */
  readonly password: string | null
}

export type Question =
  | { readonly asks: 'place' }
  | ({ readonly asks: 'agree' } & CallOf)
  | { readonly asks: 'receive'; readonly flight: Uint8Array }
  | { readonly asks: 'use'; readonly options: SealingOptions }
  | { readonly asks: 'seal'; readonly packets: readonly Packet[] }
  | { readonly asks: 'open'; readonly frames: readonly Uint8Array[] }
  | ({ readonly asks: 'call' } & CallOf)
  | { readonly asks: 'event'; readonly event: CallEvent }

export interface Answers {
  readonly place: Place
  /** The first flight of the key agreement, on side a. */
  readonly agree: Uint8Array | null
  readonly receive: HandshakeStep
  readonly use: { readonly code: string; readonly ownKey: Uint8Array; readonly peerKey: Uint8Array }
  readonly seal: readonly Uint8Array[]
  /** What was in the frames; of one that does not open, the name of the problem. */
  readonly open: readonly (Opened | string)[]
  readonly call: CallNow
  readonly event: CallNow
}

export interface Place {
  /** What the runtime calls itself. */
  readonly agent: string
  /** What only Node has and is there all the same. */
  readonly nodeGlobals: readonly string[]
}

/** The call after an event, and what its actors were told by it. */
export interface CallNow {
  readonly view: CallView
  readonly told: readonly Told[]
}

export interface Told {
  readonly actor: 'link' | 'session' | 'sound' | 'direct'
  readonly command: LinkCommand | SessionCommand | SoundCommand | DirectCommand | { readonly type: 'start' | 'stop' }
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

export class End {
  readonly #identity = createIdentity(random)
  #handshake: Handshake | null = null
  #keys: CallKeys | null = null
  #sealer: Sealer | null = null
  #opener: Opener | null = null
  #call: Actor<typeof callMachine> | null = null
  #told: Told[] = []

  /** Throws when something is asked out of turn. */
  answer<Q extends Question>(question: Q): Answers[Q['asks']]
  answer(question: Question): Answers[Question['asks']] {
    switch (question.asks) {
      case 'place':
        return place()
      case 'agree': {
        this.#keys = null
        const { ownId, peerId, password } = question
        const callId = fromBase64url(question.callId) ?? new Uint8Array(16)
        this.#handshake = new Handshake({ ownId, peerId, callId, password, identity: this.#identity, random })
        return this.#handshake.start()
      }
      case 'receive': {
        const step = there(this.#handshake).receive(question.flight)
        if (step.kind === 'done') this.#keys = step.keys
        return step
      }
      case 'use': {
        const keys = there(this.#keys)
        this.#sealer = new Sealer(keys, question.options)
        this.#opener = new Opener(keys, question.options)
        return { code: keys.code, ownKey: this.#identity.publicKey, peerKey: keys.peerIdentity }
      }
      case 'seal':
        return question.packets.map(packet => there(this.#sealer).seal(packet))
      case 'open':
        return question.frames.map(frame => {
          const opened = there(this.#opener).open(frame)
          return opened.ok ? opened.value : opened.error.name
        })
      case 'call':
        this.#call = this.#start(question)
        return this.#now()
      case 'event':
        there(this.#call).send(question.event)
        return this.#now()
    }
  }

  /** The statechart with the real key agreement; the other actors write down what they are told. */
  #start({ ownId, peerId, password }: CallOf): Actor<typeof callMachine> {
    const parts = { password, identity: this.#identity, random }
    const played = <C extends Told['command'], I extends NonReducibleUnknown = NonReducibleUnknown>(
      actor: Told['actor'],
    ) =>
      fromCallback<C, I>(({ receive }) => {
        this.#told.push({ actor, command: { type: 'start' } })
        receive(command => this.#told.push({ actor, command }))
        return () => this.#told.push({ actor, command: { type: 'stop' } })
      })
    const machine = callMachine.provide({
      actors: {
        link: played<LinkCommand>('link'),
        agreement: agreementActor(parts, {
          agreed: keys => {
            this.#keys = keys
          },
          problem: () => {},
        }),
        session: played<SessionCommand, SessionInput>('session'),
        sound: played<SoundCommand, SoundInput>('sound'),
        direct: played<DirectCommand, DirectInput>('direct'),
      },
    })
    const input = { ownId, peerId, wants: 'auto', waitMs: null, talkMs: null, random: Math.random } as const
    const actor = createActor(machine, { input })
    actor.start()
    return actor
  }

  #now(): CallNow {
    const told = this.#told
    this.#told = []
    return { view: viewOf(there(this.#call).getSnapshot()), told }
  }
}

function there<T>(part: T | null): T {
  if (part === null) throw new Error('this was asked before what it needs')
  return part
}

function place(): Place {
  const global = globalThis as Record<string, unknown> & { navigator?: { userAgent: string } }
  const nodeGlobals = ['Buffer', 'process', 'require', 'setImmediate'].filter(name => global[name] !== undefined)
  return { agent: global.navigator?.userAgent ?? 'Node', nodeGlobals }
}
