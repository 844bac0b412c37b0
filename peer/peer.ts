/**
 * One end of a call, put together: the statechart, and the actors that it is handed (link, key agreement, session, sound,
 * direct route). All of the outside world comes in as parts, so that the same code runs on a virtual clock.
 */
import { createActor, fromCallback } from 'xstate'
import type { Clock } from '../protocol/clock.js'
import type { CallKeys } from '../protocol/handshake/key-schedule.js'
import { sideOf } from '../protocol/id.js'
import type { Identity, Verify } from '../protocol/identity.js'
import type { RouteWish } from '../protocol/packet.js'
import type { Random } from '../protocol/random.js'
import { reasonOf } from '../protocol/reason.js'
import type { SealingOptions } from '../protocol/sealing.js'
import type { Socket } from '../protocol/socket.js'
import { type Audio, AudioProblem, type AudioStarted, type DeviceChange } from './audio/audio.js'
import { Receiver } from './audio/receiver.js'
import { agreementActor } from './call/agreement.js'
import type { CallEvent, Distrust, EndReason, RouteKind, ServerEvent, SoundEvent, UserEvent } from './call/events.js'
import { Inspection, type InspectionSink } from './call/inspection.js'
import { callMachine } from './call/machine.js'
import type {
  DirectCommand,
  DirectInput,
  LinkCommand,
  SessionCommand,
  SessionInput,
  SoundCommand,
  SoundInput,
} from './call/setup.js'
import { type CallSnapshot, type CallView, sendingOf, viewOf } from './call/view.js'
import type { Connect, Path } from './routes/connection.js'
import { DirectRoute } from './routes/direct.js'
import { iceServersAt } from './routes/ice-servers.js'
import type { Route } from './routes/route.js'
import { HeardFilter } from './session/heard-filter.js'
import { Session, type SessionFigures, type SessionParts } from './session/session.js'
import { ServerLink } from './signaling/link.js'
import type { Contacts } from './trust/contacts.js'
import type { Guesses } from './trust/guesses.js'

export interface PeerParts {
  readonly clock: Clock
  readonly random: Random
  /** Opens a socket to the server, or to another one of its cluster, at `url`; called again for each attempt. */
  readonly dial: (url?: string) => Socket
  /** The server's origin as dialled, canonical (protocol/login.ts). */
  readonly origin: string
  readonly identity: Identity
  /** To this server, where it is a private one that does not know the identity yet. */
  readonly invitation?: string | undefined
  /** What both sides typed; null: they compare a code instead. */
  readonly password: string | null
  /** Whose keys are known; null or absent: nobody's, and nobody's is remembered. */
  readonly contacts?: Contacts | null
  /** Counts what may be guesses, and stops them; null or absent: nothing is counted. */
  readonly guesses?: Guesses | null
  /** Prepared, or being prepared: who finds something wrong with a device meanwhile hangs up, before anyone waits. */
  readonly audio: Audio
  /** The engine of the direct route; null or absent: this program has none. */
  readonly connect?: Connect | null
  readonly sealing?: SealingOptions
  /** How the other side's signatures are checked; absent: in plain TypeScript. */
  readonly verify?: Verify | undefined
}

export interface PeerOptions {
  readonly id: string
  readonly to: string
  readonly route: RouteWish
  /** ms; null: no limit. */
  readonly waitMs: number | null
  readonly talkMs: number | null
  /** The sound keeps a recording: the other side is told. */
  readonly recording?: boolean
  /** The password is good for one guess: what may have tested it without confirming it ends the call as unverified. */
  readonly oneGuess?: boolean
}

/** What a peer tells. Never throw in these. */
export interface PeerEvents {
  readonly changed?: (view: CallView) => void
  readonly started?: (devices: AudioStarted) => void
  /** A device went or came back in mid-call, which goes on. */
  readonly device?: (change: DeviceChange) => void
  /** A named problem that need not end the call: what the server would not do, why there is no sound. */
  readonly problem?: (problem: { name: string; message: string; hint: string }) => void
  /** Gets a line for each event that the statechart receives (call/inspection.ts). */
  readonly inspect?: InspectionSink
}

export interface PeerEnd {
  readonly reason: EndReason
  readonly detail: string | null
  /** More about why it ended as `unverified`. */
  readonly distrust: Distrust | null
}

/** So many of the server's complaints are told. */
const MAX_COMPLAINTS = 20

export class Peer {
  /** Settles when the call is over and the devices are given back. */
  readonly ended: Promise<PeerEnd>
  readonly #parts: PeerParts
  readonly #events: PeerEvents
  readonly #actor
  readonly #link: ServerLink
  readonly #routes: ReadonlyMap<RouteKind, Route>
  readonly #receiver: Receiver
  #keys: CallKeys | null = null
  /** Remembers the key of the other side, whose code was compared. */
  #confirm = () => {}
  #session: Session | null = null
  #direct: DirectRoute | null = null
  /** Of the last snapshot that was news. */
  #state = ''
  #context: CallSnapshot['context'] | null = null
  #started: Promise<AudioStarted> | null = null
  /** Of the server. */
  #complaints = 0

  constructor(parts: PeerParts, options: PeerOptions, events: PeerEvents = {}) {
    this.#parts = parts
    this.#events = events
    const { clock, random, identity, invitation, origin, dial } = parts
    const now = () => clock.now()
    const session = random(16)
    this.#link = new ServerLink({ dial, origin, id: options.id, identity, session, invitation, now }, event => {
      this.#send(event)
      const complaint = complaintOf(event)
      // A server that never ends complaining would fill the screen; and what ended the call is told with its end.
      if (complaint && this.#complaints++ < MAX_COMPLAINTS && !this.#context?.reason)
        events.problem?.({ ...complaint, hint: '' })
    })
    this.#link.onFrame = sealed => this.#session?.receive('relay', sealed)
    const direct: Route = { kind: 'direct', send: sealed => this.#direct?.send(sealed) }
    this.#routes = new Map<RouteKind, Route>([
      ['relay', this.#link],
      ['direct', direct],
    ])
    this.#receiver = new Receiver(parts.audio.playout)
    parts.audio.onCaptured = () => this.#session?.captured()
    parts.audio.onRecordingEnded = ({ name, message, hint }) => {
      events.problem?.({ name, message, hint })
      this.#send({ type: 'recording.ended' })
    }
    this.#actor = createActor(this.#machine(), {
      clock,
      ...(events.inspect ? { inspect: new Inspection(now, events.inspect).take } : {}),
      input: {
        ownId: options.id,
        peerId: options.to,
        wants: options.route,
        waitMs: options.waitMs,
        talkMs: options.talkMs,
        ...(options.recording ? { recording: true } : {}),
        ...(options.oneGuess ? { oneGuess: true } : {}),
        random: () => (random(1)[0] ?? 0) / 255,
      },
    })
    this.#actor.on('keyConfirmed', () => {
      try {
        this.#confirm()
      } catch (error) {
        this.#noteFailed(error)
      }
    })
    this.ended = new Promise((resolve, reject) => {
      this.#actor.subscribe({
        next: snapshot => {
          if (!this.#isNews(snapshot)) return
          // Before the first status goes out with the routes: whoever is recorded is told with the first word.
          this.#session?.setRecording(snapshot.context.recording)
          this.#session?.sendOn(sendingOf(snapshot))
          this.#session?.setMuted(snapshot.context.muted)
          events.changed?.(viewOf(snapshot))
        },
        complete: () => {
          const { reason, detail, distrust } = this.#actor.getSnapshot().context
          parts.audio.stop().then(() => resolve({ reason: reason ?? 'hungUp', detail, distrust }), reject)
        },
        error: reject,
      })
    })
  }

  start(): void {
    this.#actor.start()
  }

  do(event: UserEvent): void {
    this.#send(event)
  }

  get view(): CallView {
    return viewOf(this.#actor.getSnapshot())
  }

  /** Null while there is no session. Loss is counted from one look to the next. */
  figures(): SessionFigures | null {
    return this.#session?.figures() ?? null
  }

  /** How the direct connection reaches the other side; null while there is none. */
  get path(): Path | null {
    return this.#direct?.path ?? null
  }

  /** This machine has another address, or slept: what was direct may be dead, and what was not may be possible now. */
  addressChanged(): void {
    this.#send({ type: 'address.changed' })
  }

  /** How much waits or is remembered, by what it is; all of it is bounded, however long a call and however bad a network. */
  get backlog(): Readonly<Record<string, number>> {
    const { audio } = this.#parts
    return {
      ...this.#link.backlog,
      ...this.#session?.backlog,
      signalsHeld: this.#direct?.held ?? 0,
      captureRing: audio.captured.length,
      playoutRing: audio.playout.length,
      playoutMs: audio.stats().bufferMs,
    }
  }

  /** Most events are signs of life that change nothing: what follows from the state need not be worked out again. */
  #isNews({ value, context }: CallSnapshot): boolean {
    const state = JSON.stringify(value)
    if (state === this.#state && context === this.#context) return false
    this.#state = state
    this.#context = context
    return true
  }

  #send(event: CallEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event)
  }

  #machine() {
    return callMachine.provide({
      actors: {
        link: fromCallback<LinkCommand>(({ receive }) => receive(command => this.#link.command(command))),
        agreement: agreementActor(this.#parts, {
          agreed: (keys, confirm) => {
            this.#keys = keys
            this.#confirm = confirm
          },
          problem: error => this.#noteFailed(error),
        }),
        session: this.#sessionActor(),
        sound: this.#soundActor(),
        direct: this.#directActor(),
      },
    })
  }

  /** A key that can't be remembered, or a try that can't be taken back, is no reason to end a good call. */
  #noteFailed(error: unknown): void {
    const hint = error instanceof Error && 'hint' in error ? String(error.hint) : ''
    const message = `This call goes on, and is not remembered. ${reasonOf(error)}`
    this.#events.problem?.({ name: 'notRemembered', message, hint })
  }

  #sessionActor() {
    return fromCallback<SessionCommand, SessionInput>(({ input, receive, sendBack }) => {
      const { audio, clock, sealing } = this.#parts
      const heard = new HeardFilter()
      const report: SessionParts['report'] = event => {
        if (event.type !== 'peer.heard' || heard.passes(event.route, clock.now())) sendBack(event)
      }
      const keys = this.#keys
      if (!keys) throw new Error('a session was started without keys')
      const session = new Session({
        keys,
        wants: input.wants,
        audio,
        receiver: this.#receiver,
        routes: this.#routes,
        now: () => clock.now(),
        report,
        negotiated: message => this.#direct?.hear(message),
        ...(sealing ? { sealing } : {}),
      })
      this.#keys = null
      this.#session = session
      receive(command => session.bye(command.reason, command.answer))
      return () => {
        if (this.#session === session) this.#session = null
      }
    })
  }

  /** Lives as long as the session of its call, through which it negotiates. */
  #directActor() {
    return fromCallback<DirectCommand, DirectInput>(({ input, receive, sendBack }) => {
      const direct = new DirectRoute({
        connect: this.#parts.connect ?? null,
        servers: () => iceServersAt(this.#link.ice),
        initiator: sideOf(input.ownId, input.peerId) === 'a',
        tell: message => this.#session?.negotiate(message),
        opened: generation => this.#session?.prove(generation),
        deliver: sealed => this.#session?.receive('direct', sealed),
        report: sendBack,
      })
      this.#direct = direct
      receive(command => direct.command(command))
      return () => {
        direct.close()
        if (this.#direct === direct) this.#direct = null
      }
    })
  }

  /** Sound starts with the first talking and stays until the end, also when keys are agreed anew in between. */
  #soundActor() {
    return fromCallback<SoundCommand, SoundInput>(({ input, receive, sendBack }) => {
      const report: (event: SoundEvent) => void = sendBack
      const { audio } = this.#parts
      const failed = (problem: unknown) => {
        const { name, message, hint } =
          problem instanceof AudioProblem
            ? problem
            : new AudioProblem('deviceBroken', String(problem), 'Try --verbose for more.')
        // While the call ends, devices go by themselves.
        if (this.view.state === 'talking') this.#events.problem?.({ name, message, hint })
        report({ type: 'sound.failed', name, message, hint })
      }
      audio.setMuted(input.muted)
      audio.onFailed = failed
      audio.onDevice = change => {
        if (this.view.state === 'talking') this.#events.device?.(change)
      }
      const first = this.#started === null
      this.#started ??= audio.start()
      this.#started.then(devices => {
        if (first) this.#events.started?.(devices)
        report({ type: 'sound.started' })
      }, failed)
      receive(command => audio.setMuted(command.muted))
    })
  }
}

/** What the server complains about; null: nothing. */
function complaintOf(event: ServerEvent): { readonly name: string; readonly message: string } | null {
  if (event.type === 'server.usedUp') return { name: 'quotaUsedUp', message: event.message }
  return event.type === 'server.error' ? event : null
}
