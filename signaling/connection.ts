/**
 * One socket of the server: challenge, login in time, limits, signs of life, and the relay leg. What the messages mean
 * is for its owner, the hub. Each bad message gets a named error and the connection lives on; floods, binary before
 * login and oversize close it, with the name as the close reason.
 */
import { toBase64url } from '../protocol/bytes.js'
import type { Timer } from '../protocol/clock.js'
import { LEG_HEADER_BYTES, type LegDrop, RelayLeg } from '../protocol/relay-leg.js'
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
import type { Seat } from './seat.js'
import type { ServerSocket } from './server-socket.js'
import { TokenBucket } from './token-bucket.js'

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

/** Voice is 17 frames a second at the least; what checks a relay that carries none is far less. */
const VOICE_FRAMES = 8

/** The other side of a connection's call, as found out when the lobby had changed so often. */
export interface Route {
  readonly as: number
  readonly other: Seat | undefined
}

const NOWHERE: Route = { as: -1, other: undefined }

/** What carries voice, and how much of it may come. */
interface Voice {
  readonly frames: TokenBucket
  readonly bytes: TokenBucket
  readonly leg: RelayLeg
}

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
  #state: 'greeting' | 'deciding' | 'online' | 'over' = 'greeting'
  readonly #socket: ServerSocket
  readonly #owner: ConnectionOwner
  /** None before the first frame: most of those who are online are in no call. */
  #voice: Voice | null = null
  readonly #messages: TokenBucket
  readonly #errors: TokenBucket
  #drops: Partial<Record<RelayDrop, number>> = {}
  #timer: Timer
  /** Since when the other end knows that its last call is over; infinity: it may not have heard of it yet. */
  #knowsOfEndSince = Number.NEGATIVE_INFINITY
  /** Pings and pongs so far; and the ping behind the news of that end, which arrives after it, and its pong after all that was sent before. */
  #pings = 0
  #pongs = 0
  #pingOfEnd = Number.POSITIVE_INFINITY
  /** When the peer's TURN credentials are half spent; infinity: it has none. */
  #iceAgainAt = Number.POSITIVE_INFINITY
  #misses = 0
  #heard = true
  #probes: ((alive: boolean) => void)[] = []

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
    return { relayQueue: this.#voice?.leg.figures.queued ?? 0, probes: this.#probes.length }
  }

  /** Whether voice goes to this side now. */
  get hears(): boolean {
    return (this.#voice?.leg.sentPerSecond ?? 0) >= VOICE_FRAMES
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
    this.#watch()
    this.tell({ type: 'online', id })
    this.#tellIce()
  }

  /** Sends a frame that came from the other side of the call; its bytes now belong to this connection. */
  forward(message: Uint8Array, now: number): void {
    if (!this.isOver) this.#carried().leg.forward(message, now)
  }

  /** The call is over, and the other end was told, or said so itself: what waits for it is of no use. */
  callEnded(): void {
    this.#voice?.leg.clear()
    this.#knowsOfEndSince = this.#socket.ping ? Number.POSITIVE_INFINITY : this.#owner.clock.now()
    this.#pingOfEnd = this.#pings + 1
    this.#ping()
  }

  /** A message came for a call, and there is none. Whether it may have crossed with the news that the call is over. */
  crossed(): boolean {
    const { clock, limits } = this.#owner
    return clock.now() - this.#knowsOfEndSince < limits.afterCallMs
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
    const { clock, limits } = this.#owner
    const timer = clock.setTimeout(() => finish(false), limits.elsewhereMs)
    const finish = (alive: boolean) => {
      if (!this.#probes.includes(finish)) return
      clock.clearTimeout(timer)
      this.#probes = this.#probes.filter(probe => probe !== finish)
      done(alive)
    }
    this.#probes.push(finish)
    this.#ping()
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
    // Not now: who asked might let someone in while this one is being replaced.
    for (const probe of this.#probes) this.#owner.clock.setTimeout(() => probe(false), 0)
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

  #alive(): void {
    this.#heard = true
  }

  #watch(): void {
    const { clock, limits } = this.#owner
    this.#misses = this.#heard ? 0 : this.#misses + 1
    if (this.#misses >= limits.pingMisses) {
      this.#terminate('lost')
      return
    }
    this.#timer = clock.setTimeout(() => this.#watch(), limits.pingMs)
    if (this.#socket.ping) {
      this.#heard = false
      this.#ping()
    }
    if (clock.now() >= this.#iceAgainAt) this.#tellIce()
  }

  #tellIce(): void {
    const { clock, limits } = this.#owner
    const ice = this.#owner.ice(this)
    if (!ice || (ice.stunPort === null && ice.turn.length === 0)) return
    this.#iceAgainAt = ice.turn.length > 0 ? clock.now() + limits.turnCredentialMs / 2 : Number.POSITIVE_INFINITY
    this.tell({ type: 'ice', ...ice })
  }

  #ping(): void {
    this.#pings++
    if (!this.#isStuck()) this.#socket.ping?.()
  }

  /** The socket has answered it: to one that pings and reads nothing, answers pile up though nothing else is sent. */
  #onPing(): void {
    if (this.#countMessage()) this.#isStuck()
  }

  #onPong(): void {
    if (!this.#countMessage()) return
    this.#alive()
    if (++this.#pongs >= this.#pingOfEnd) {
      this.#pingOfEnd = Number.POSITIVE_INFINITY
      this.#knowsOfEndSince = this.#owner.clock.now()
    }
    for (const probe of [...this.#probes]) probe(true)
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
    if (this.#state !== 'online') {
      if (this.isOver) return
      this.error('binaryBeforeLogin', 'Log in first: binary messages carry the voice of a call.', false)
      this.close(1008, 'binaryBeforeLogin')
      return
    }
    this.#alive()
    const now = this.#owner.clock.now()
    this.#owner.tally.arrivedAt = now
    const { frames, bytes, leg } = this.#carried()
    if (!frames.take(now) || !bytes.take(now, data.length)) {
      this.error('flood', 'That is far more than a voice call sends.', false)
      this.close(1008, 'flood')
      return
    }
    const result = leg.receive(data, now)
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
    if (this.#voice) return this.#voice
    const { clock, limits } = this.#owner
    this.#voice = {
      frames: new TokenBucket(limits.framesPerSecond, limits.frameBurst),
      bytes: new TokenBucket(limits.frameBytesPerSecond, limits.frameBytesBurst),
      leg: new RelayLeg({
        now: () => clock.now(),
        transmit: bytes => this.#send(bytes),
        deliverWhole: (message, now) => this.#onFrame(message, now),
        sent: (payloadBytes, waitedMs) => this.#owner.tally.sent(payloadBytes, waitedMs),
        dropped: why => this.drop(why),
      }),
    }
    return this.#voice
  }

  #onText(text: string): void {
    if (!this.#countMessage(text.length)) return
    if (this.#state === 'online') this.#alive()
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
