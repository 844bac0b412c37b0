/**
 * The link to the server: dials, logs in, passes messages on. It decides nothing: the statechart says when to dial,
 * which socket to use and when to give up. Relay frames pass through the socket in use, beside the statechart.
 */
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import type { IceServers } from '../../protocol/ice.js'
import type { Identity } from '../../protocol/identity.js'
import { originOf, signLogin } from '../../protocol/login.js'
import { RelayLeg } from '../../protocol/relay-leg.js'
import { encodeSignaling, type FromServer, parseFromServer, SIGNALING_VERSION } from '../../protocol/signaling.js'
import type { Socket } from '../../protocol/socket.js'
import type { ServerEvent } from '../call/events.js'
import type { LinkCommand } from '../call/setup.js'
import type { Route } from '../routes/route.js'
import { placeToGo } from './other-server.js'

export interface LinkParts {
  /** Opens a socket to the server, or to another one of its cluster, at `url`; what fails is told by its `onClose`. */
  readonly dial: (url?: string) => Socket
  /** The server's origin as dialled, in canonical form (protocol/login.ts): what the login is bound to. */
  readonly origin: string
  readonly id: string
  readonly identity: Identity
  /** 16 random bytes, one for each run of the program. */
  readonly session: Uint8Array
  /** To a private server (protocol/invitation.ts), which needs it once. */
  readonly invitation?: string | undefined
  readonly now: () => number
}

interface Attempt {
  readonly number: number
  readonly origin: string
  readonly socket: Socket
  readonly leg: RelayLeg
  /** The login is out: one for each connection. */
  greeted: boolean
  online: boolean
  /** In a call by this socket: a server takes no frames before that, and too many of them for a mistake. */
  matched: boolean
}

/** What a server offers to those who look for a direct route, and where that server is. */
export interface Offer {
  readonly origin: string
  readonly offered: IceServers
}

export class ServerLink implements Route {
  readonly kind = 'relay'
  /** Gets sealed frames that came over the relay. */
  onFrame: (sealed: Uint8Array) => void = () => {}
  #attempts = new Map<number, Attempt>()
  #current: Attempt | null = null
  /** The one that was in use before it, which carries voice until the current one is in the call. */
  #former: Attempt | null = null
  #ice: Offer | null = null

  constructor(
    private readonly parts: LinkParts,
    private readonly report: (event: ServerEvent) => void,
  ) {}

  /** What the server last offered to those who look for a direct route; it outlives the socket. Null: nothing so far. */
  get ice(): Offer | null {
    return this.#ice
  }

  /** Round trip to the server, ms, as the relay leg measured it. */
  get legRttMs(): number | null {
    return this.#current?.leg.figures.rttMs ?? null
  }

  /** How much waits or is remembered, by what it is; all of it is bounded. */
  get backlog(): Readonly<Record<string, number>> {
    return { sockets: this.#attempts.size, relayQueue: this.#current?.leg.figures.queued ?? 0 }
  }

  command(command: LinkCommand): void {
    switch (command.type) {
      case 'dial':
        return this.#dial(command.attempt, command.url)
      case 'adopt':
        this.#former = command.overlaps ? this.#current : null
        this.#current = this.#attempts.get(command.attempt) ?? null
        for (const attempt of this.#attempts.values())
          if (attempt !== this.#current && attempt !== this.#former) this.#drop(attempt)
        return
      case 'abandon': {
        const attempt = this.#attempts.get(command.attempt)
        if (attempt) this.#drop(attempt)
        return
      }
      case 'tell':
        this.#current?.socket.send(encodeSignaling(command.message))
        if (command.message.type !== 'ping') this.#current?.socket.chase?.()
        return
      case 'close':
        for (const attempt of this.#attempts.values()) attempt.socket.close(1000, 'bye')
        this.#attempts.clear()
        this.#current = this.#former = null
    }
  }

  send(sealed: Uint8Array): void {
    const attempt = this.#current?.matched ? this.#current : this.#former
    if (attempt?.matched) attempt.leg.send(sealed)
  }

  #dial(number: number, url?: string): void {
    const socket = this.parts.dial(url)
    const origin = (url === undefined ? null : originOf(url)) ?? this.parts.origin
    const leg = new RelayLeg({
      now: this.parts.now,
      transmit: bytes => socket.send(bytes),
      deliver: sealed => {
        // A server that has told the truth brings no frame after `left`: where one comes, the call is still there.
        attempt.matched = true
        this.onFrame(sealed)
      },
    })
    const attempt: Attempt = { number, origin, socket, leg, greeted: false, online: false, matched: false }
    this.#attempts.set(number, attempt)
    socket.onMessage = data => {
      if (this.#attempts.get(number) !== attempt) return
      if (typeof data === 'string') {
        if (attempt !== this.#former) this.#hear(attempt, data)
      } else if (attempt.online) leg.receive(data)
    }
    socket.onClose = (_code, why) => {
      if (this.#attempts.get(number) !== attempt) return
      const isFormer = attempt === this.#former
      this.#forget(attempt)
      if (!isFormer) this.report({ type: 'server.closed', attempt: number, why })
    }
  }

  #hear(attempt: Attempt, text: string): void {
    const parsed = parseFromServer(text)
    if (!parsed.ok) {
      // What this peer does not understand a newer server may say: only the greeting must be right.
      if (!attempt.online)
        this.#fail(attempt, 'What answers there is no VoiceChat server, or one of another version: check the address.')
      return
    }
    const message = parsed.value
    switch (message.type) {
      case 'challenge':
        if (!attempt.greeted) this.#logIn(attempt, message)
        return
      case 'online':
        attempt.online = true
        return this.report({ type: 'server.online', attempt: attempt.number })
      case 'refused': {
        const { reason, message: sentence } = message
        this.#drop(attempt)
        return this.report({ type: 'server.refused', attempt: attempt.number, reason, message: sentence })
      }
      case 'ice':
        // No news to the statechart: who builds a direct route asks for it then.
        if (attempt.online)
          this.#ice = { origin: attempt.origin, offered: { stunPort: message.stunPort, turn: message.turn } }
        return
      case 'echo':
        // Asked for beside the call, by another connection (visit.ts).
        return
      case 'pong':
        return this.report({ type: 'server.pong', attempt: attempt.number })
      default:
        if (attempt !== this.#current) return
        if (message.type === 'matched') attempt.matched = true
        if (message.type === 'matched' || message.type === 'presence') this.#dropFormer()
        if (message.type === 'left') {
          attempt.matched = false
          attempt.leg.clear()
        }
        this.#tell(attempt, message)
    }
  }

  #tell({ origin }: Attempt, message: Forwarded): void {
    const places = (urls: readonly string[]) => urls.flatMap(url => placeToGo(this.parts.origin, origin, url) ?? [])
    if (message.type === 'servers') this.report({ type: 'server.servers', urls: places(message.urls) })
    else if (message.type !== 'move') this.report(eventOf(message))
    else for (const url of places([message.url])) this.report({ type: 'server.move', url })
  }

  #dropFormer(): void {
    if (this.#former) this.#drop(this.#former)
  }

  #logIn(attempt: Attempt, { v, challenge }: Extract<FromServer, { type: 'challenge' }>): void {
    const bytes = fromBase64url(challenge)
    if (v !== SIGNALING_VERSION || !bytes) {
      return this.#fail(
        attempt,
        `The server speaks version ${v} of the protocol, this program ${SIGNALING_VERSION}: update the older one.`,
      )
    }
    attempt.greeted = true
    const { id, identity, session, invitation } = this.parts
    const { origin } = attempt
    const signature = signLogin(identity, { origin, id, challenge: bytes, session })
    attempt.socket.send(
      encodeSignaling({
        type: 'login',
        v: SIGNALING_VERSION,
        id,
        key: toBase64url(identity.publicKey),
        session: toBase64url(session),
        origin,
        signature: toBase64url(signature),
        // Nobody but the server that it is for gets it.
        ...(invitation === undefined || origin !== this.parts.origin ? {} : { invitation }),
      }),
    )
    attempt.socket.chase?.()
    this.report({ type: 'server.greeted', attempt: attempt.number })
  }

  #fail(attempt: Attempt, why: string): void {
    this.#drop(attempt)
    this.report({ type: 'server.refused', attempt: attempt.number, reason: 'version', message: why })
  }

  #drop(attempt: Attempt): void {
    this.#forget(attempt)
    attempt.socket.terminate()
  }

  #forget(attempt: Attempt): void {
    this.#attempts.delete(attempt.number)
    if (this.#current === attempt) {
      this.#current = null
      this.#dropFormer()
    }
    if (this.#former === attempt) this.#former = null
  }
}

type Forwarded = Exclude<FromServer, { type: 'challenge' | 'online' | 'ice' | 'refused' | 'pong' | 'echo' }>

function eventOf(message: Exclude<Forwarded, { type: 'servers' | 'move' }>): ServerEvent {
  switch (message.type) {
    case 'presence':
      return { type: 'server.presence', state: message.state }
    case 'matched':
      return { type: 'server.matched', callId: message.callId, resumed: message.resumed }
    case 'pass':
      return { type: 'server.pass', callId: message.callId, data: message.data }
    case 'away':
      return { type: 'server.away', callId: message.callId }
    case 'back':
      return { type: 'server.back', callId: message.callId }
    case 'left':
      return { type: 'server.left', callId: message.callId, reason: message.reason }
    case 'restarting':
      return { type: 'server.restarting', reconnectInMs: message.reconnectInMs, tryForMs: message.tryForMs }
    case 'error':
      if (message.name === 'quotaUsedUp') return { type: 'server.usedUp', message: message.message }
      return { type: 'server.error', name: message.name, message: message.message }
  }
}
