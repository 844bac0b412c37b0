/**
 * One socket of the server: challenge, login in time, limits, signs of life, and the relay leg. What the messages mean
 * is for its owner, the hub. Each bad message gets a named error and the connection lives on; floods, binary before
 * login and oversize close it, with the name as the close reason.
 */
import { toBase64url } from '../protocol/bytes.js'
import type { Timer } from '../protocol/clock.js'
import { LEG_HEADER_BYTES, type LegDrop } from '../protocol/relay-leg.js'
import {
  encodeSignaling,
  type FromPeer,
  type FromServer,
  MAX_MESSAGE_BYTES,
  parseFromPeer,
  type Refusal,
  SIGNALING_VERSION,
} from '../protocol/signaling.js'
import type { ConnectionOwner } from './connection-owner.js'
import { Heartbeat } from './heartbeat.js'
import type { Seat } from './seat.js'
import type { ServerSocket } from './server-socket.js'
import { TokenBucket } from './token-bucket.js'
import { Voice } from './voice.js'

export type Login = Extract<FromPeer, { type: 'login' }>
export type Request = Exclude<FromPeer, { type: 'login' | 'ping' }>

/** Why the server ended a connection that had not asked for it; also the close reason on the wire. */
export type Closing =
  | Refusal
  | 'binaryBeforeLogin'
  | 'tooLong'
  | 'tooManyMessages'
  | 'tooManyErrors'
  | 'flood'
  | 'stuck'
  | 'lost'
  | 'replaced'
  | 'restarting'
  | 'closing'

/** Relay frames that went nowhere, by name. `otherAway`: the other side's socket is down. `afterCall`: the call is over. `quota`: used up. */
export type RelayDrop = LegDrop | 'otherAway' | 'afterCall' | 'quota'

/** The other side of a connection's call, as found out when the lobby had changed so often. */
export interface Route {
  readonly as: number
  readonly other: Seat | undefined
}

const NOWHERE: Route = { as: -1, other: undefined }

export class Connection implements Seat {
  /** What the login said; empty before it. */
  id = ''
  canonical = ''
  key = ''
  session = ''
  /** Kept by the owner: where its frames go, as it was at that count of changes. */
  route: Route = NOWHERE
  /** Set by whoever holds it to its quotas (meter.ts): its frames are dropped. */
  relaysNoMore = false
  /** Frames of it that went on, and the bytes of their payloads, since the last time this was asked. */
  #relayedFrames = 0
  #relayedBytes = 0
  #state: 'greeting' | 'deciding' | 'online' | 'leaving' | 'over' = 'greeting'
  readonly #socket: ServerSocket
  readonly #owner: ConnectionOwner
  /** None before the first frame: most of those who are online are in no call. */
  #voice: Voice | null = null
  readonly #messages: TokenBucket
  readonly #errors: TokenBucket
  #drops: Partial<Record<RelayDrop, number>> = {}
  #timer: Timer
  /** When the peer's TURN credentials are half spent; infinity: it has none. */
  #iceAgainAt = Number.POSITIVE_INFINITY
  readonly #heartbeat: Heartbeat

  constructor(
    socket: ServerSocket,
    /** Its own among all since the server began: what the log says of it can be followed without an id. */
    readonly number: number,
    /** Its address as limits count it. */
    readonly limitKey: string,
    readonly challenge: Uint8Array,
    owner: ConnectionOwner,
  ) {
    const { clock, limits } = owner
    this.#socket = socket
    this.#owner = owner
    this.#messages = new TokenBucket(limits.messagesPerSecond, limits.messageBurst)
    this.#errors = new TokenBucket(0.1, limits.errors)
    this.#heartbeat = new Heartbeat({
      clock,
      limits,
      ...(socket.ping && { ping: () => this.#isStuck() || socket.ping?.() }),
      beat: () => this.#beat(),
      lost: () => this.#terminate('lost'),
    })
    socket.onMessage = data => (typeof data === 'string' ? this.#onText(data) : this.#onBinary(data))
    socket.onPong = () => this.#onPong()
    socket.onPing = () => this.#onPing()
    socket.onClose = () => this.#onClose()
    this.#timer = clock.setTimeout(
      () => this.refuse('slow', 'The login did not come in time. Connect again.'),
      limits.loginMs,
    )
    this.tell({ type: 'challenge', v: SIGNALING_VERSION, challenge: toBase64url(challenge), server: owner.server })
  }

  /** How much waits, by what it is; all of it is bounded. */
  get backlog(): { readonly relayQueue: number; readonly probes: number } {
    return { relayQueue: this.#voice?.queued ?? 0, probes: this.#heartbeat.probes }
  }

  /** Whether voice goes to this side now. */
  get hears(): boolean {
    return this.#voice?.flows ?? false
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  tell(message: FromServer): void {
    this.#send(encodeSignaling(message))
  }

  /** Tells a named error. `counted`: enough of these close the connection; not so where two messages may just have crossed. */
  error(name: string, message: string, counted = true): void {
    this.tell({ type: 'error', name, message })
    if (counted && !this.#errors.take(this.#owner.clock.now())) this.close(1008, 'tooManyErrors')
  }

  refuse(reason: Refusal, message: string): void {
    if (this.isOver) return
    this.tell({ type: 'refused', reason, message })
    this.close(reason === 'tooMany' ? 1013 : 1008, reason)
  }

  /** The login is accepted: from here on requests are taken and the other end must show signs of life. */
  admit({ id, canonical, key, session }: { id: string; canonical: string; key: string; session: string }): void {
    Object.assign(this, { id, canonical, key, session })
    this.#state = 'online'
    this.#owner.clock.clearTimeout(this.#timer)
    this.#heartbeat.start()
    this.tell({ type: 'online', id })
    this.#tellIce()
  }

  /** Sends a frame that came from the other side of the call; its bytes now belong to this connection. */
  forward(message: Uint8Array, now: number): void {
    if (!this.isOver) this.#carried().forward(message, now)
  }

  /** The call is over, and the other end was told, or said so itself: what waits for it is of no use. */
  callEnded(): void {
    this.#voice?.clear()
    this.#heartbeat.callEnded()
  }

  /** A message came for a call, and there is none. Whether it may have crossed with the news that the call is over. */
  crossed(): boolean {
    return this.#heartbeat.crossed()
  }

  drop(why: RelayDrop): void {
    this.#drops[why] = (this.#drops[why] ?? 0) + 1
    this.#owner.tally.drops[why]++
  }

  /** Relay frames dropped on the way to or from this side since the last time this was asked, by name. */
  takeDrops(): Partial<Record<RelayDrop, number>> {
    const drops = this.#drops
    this.#drops = {}
    return drops
  }

  /** What was relayed for it since the last time this was asked; bytes are those of the payloads. */
  takeRelayed(): { readonly frames: number; readonly bytes: number } {
    const relayed = { frames: this.#relayedFrames, bytes: this.#relayedBytes }
    this.#relayedFrames = this.#relayedBytes = 0
    return relayed
  }

  /** Pings, and says whether a pong came in time. What else comes may be what a dead program left on its way. */
  probe(done: (alive: boolean) => void): void {
    if (this.isOver) {
      done(false)
      return
    }
    this.#heartbeat.probe(done)
  }

  /** Its session goes on elsewhere, with another socket. This one asks for nothing any more; voice that is on its way to here still goes on. */
  linger(): void {
    if (this.isOver) return
    const { clock, limits } = this.#owner
    this.#state = 'leaving'
    this.#timer = clock.setTimeout(() => this.close(4001, 'replaced'), limits.lingerMs)
  }

  /** Ends the connection, with a name. The socket gets a moment for its closing handshake. */
  close(code: number, why: Closing): void {
    if (this.isOver) return
    this.#over(why)
    this.#socket.close(code, why)
    this.#timer = this.#owner.clock.setTimeout(() => this.#socket.terminate(), this.#owner.limits.closeMs)
  }

  /** Cuts the socket. */
  cut(): void {
    this.#socket.terminate()
  }

  #over(why: Closing | 'gone'): void {
    this.#state = 'over'
    // Else the last one online would hold on to all who ever talked, one after the other.
    this.route = NOWHERE
    this.#owner.clock.clearTimeout(this.#timer)
    this.#heartbeat.stop()
    this.#owner.over(this, why)
  }

  #terminate(why: Closing): void {
    if (this.isOver) return
    this.#over(why)
    this.#socket.terminate()
  }

  #onClose(): void {
    if (this.isOver) this.#owner.clock.clearTimeout(this.#timer)
    else this.#over('gone')
    this.#owner.released(this)
  }

  #send(data: string | Uint8Array): void {
    if (!this.isOver && !this.#isStuck()) this.#socket.send(data)
  }

  /** Whether the socket holds back too much; then it is cut. */
  #isStuck(): boolean {
    if ((this.#socket.bufferedAmount ?? 0) <= this.#owner.limits.bufferedBytes) return false
    this.#terminate('stuck')
    return true
  }

  #beat(): void {
    if (this.#owner.clock.now() >= this.#iceAgainAt) this.#tellIce()
  }

  #tellIce(): void {
    const { clock, limits } = this.#owner
    const ice = this.#owner.ice(this)
    if (!ice || (ice.stunPort === null && ice.turn.length === 0)) return
    this.#iceAgainAt = ice.turn.length > 0 ? clock.now() + limits.turnCredentialMs / 2 : Number.POSITIVE_INFINITY
    this.tell({ type: 'ice', ...ice })
  }

  /** The socket has answered it: to one that pings and reads nothing, answers pile up though nothing else is sent. */
  #onPing(): void {
    if (this.#countMessage()) this.#isStuck()
  }

  #onPong(): void {
    if (this.#countMessage()) this.#heartbeat.pong()
  }

  /** Whether one more message may come, of so many characters: the work of it grows with them. */
  #countMessage(length = 0): boolean {
    if (this.isOver) return false
    if (this.#messages.take(this.#owner.clock.now(), 1 + Math.floor(length / 1024))) return true
    this.error('tooManyMessages', 'Too many messages in a short time.', false)
    this.close(1008, 'tooManyMessages')
    return false
  }

  #onBinary(data: Uint8Array): void {
    if (this.#state !== 'online' && this.#state !== 'leaving') {
      if (this.isOver) return
      this.error('binaryBeforeLogin', 'Log in first: binary messages carry the voice of a call.', false)
      this.close(1008, 'binaryBeforeLogin')
      return
    }
    this.#heartbeat.heard()
    const now = this.#owner.clock.now()
    this.#owner.tally.arrivedAt = now
    const voice = this.#carried()
    if (!voice.mayCome(data.length, now)) {
      this.error('flood', 'That is far more than a voice call sends.', false)
      this.close(1008, 'flood')
      return
    }
    const result = voice.receive(data, now)
    if (!result.ok) this.error(result.error.name, result.error.message)
  }

  #onFrame(message: Uint8Array, now: number): void {
    if (this.relaysNoMore) this.drop('quota')
    else if (this.#owner.relay(this, message, now)) {
      this.#relayedFrames++
      this.#relayedBytes += message.length - LEG_HEADER_BYTES
    }
  }

  #carried(): Voice {
    const { clock, limits, tally } = this.#owner
    this.#voice ??= new Voice({
      clock,
      limits,
      transmit: message => this.#send(message),
      deliver: (message, now) => this.#onFrame(message, now),
      sent: (payloadBytes, waitedMs) => tally.sent(payloadBytes, waitedMs),
      dropped: why => this.drop(why),
    })
    return this.#voice
  }

  #onText(text: string): void {
    if (!this.#countMessage(text.length) || this.#state === 'leaving') return
    if (this.#state === 'online') this.#heartbeat.heard()
    const parsed = parseFromPeer(text)
    if (!parsed.ok) {
      if (this.#state === 'greeting' && versionOf(text) !== SIGNALING_VERSION) this.#refuseVersion()
      else this.error(parsed.error.name, parsed.error.message)
      if (parsed.error.name === 'tooLong') this.close(1009, 'tooLong')
      return
    }
    const message = parsed.value
    if (message.type === 'ping') this.tell({ type: 'pong', n: message.n })
    else if (message.type !== 'login') {
      if (this.#state === 'online') this.#owner.request(this, message)
      else this.error('notLoggedIn', 'Log in first.')
    } else if (this.#state !== 'greeting') this.error('loggedIn', 'One login for each connection.')
    else if (message.v !== SIGNALING_VERSION) this.#refuseVersion()
    else {
      this.#state = 'deciding'
      this.#owner.clock.clearTimeout(this.#timer)
      this.#owner.login(this, message)
    }
  }

  #refuseVersion(): void {
    this.refuse(
      'version',
      `This server speaks version ${SIGNALING_VERSION} of the protocol: use the same release on both.`,
    )
  }
}

/** The version that a login of another version claims, whatever else it holds; this one's if it isn't such a login. */
function versionOf(text: string): number {
  if (text.length > MAX_MESSAGE_BYTES) return SIGNALING_VERSION
  try {
    const login = JSON.parse(text)
    return login?.type === 'login' && Number.isInteger(login.v) ? login.v : SIGNALING_VERSION
  } catch {
    return SIGNALING_VERSION
  }
}
