import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import { createIdentity, type Identity } from '../../protocol/identity.js'
import { signLogin } from '../../protocol/login.js'
import { RelayLeg } from '../../protocol/relay-leg.js'
import type { FromServer } from '../../protocol/signaling.js'
import type { Hub } from '../../signaling/hub.js'
import type { ServerSocket } from '../../signaling/server-socket.js'
import type { VirtualClock } from '../virtual-clock.js'

export const ORIGIN = 'ws://server.test:9001'

/** Bytes that only look random: the same in each run. */
export function testRandom(seed = 1) {
  let state = seed
  return (length: number) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state >>> 24
    })
}

export const random = testRandom()
export const newIdentity = () => createIdentity(random)
export const newSession = () => toBase64url(random(16))

interface LoginParts {
  id: string
  identity?: Identity
  session?: string
  origin?: string
  /** Fields of the message to change after it was signed. */
  change?: Record<string, unknown>
  /** What to sign instead of the truth. */
  sign?: { origin?: string; id?: string; challenge?: Uint8Array; session?: Uint8Array }
}

/** The text of a login that answers `challenge`. */
export function loginText(challenge: string, parts: LoginParts): string {
  const { id, identity = newIdentity(), session = newSession(), origin = ORIGIN } = parts
  const truth = { origin, id, challenge: fromBase64url(challenge)!, session: fromBase64url(session)! }
  const signature = toBase64url(signLogin(identity, { ...truth, ...parts.sign }))
  const key = toBase64url(identity.publicKey)
  return JSON.stringify({ type: 'login', v: 1, id, key, session, origin, signature, ...parts.change })
}

/** A client whose socket is a pair of function calls; all that it hears is kept. */
export class FakeClient {
  readonly heard: FromServer[] = []
  readonly voice: Uint8Array[] = []
  readonly binary: Uint8Array[] = []
  closed: string | null = null
  /** Answers pings. */
  alive = true
  /** What the socket claims to hold back. */
  bufferedAmount = 0
  readonly leg: RelayLeg
  readonly socket: ServerSocket

  constructor(hub: Hub, clock: VirtualClock, address = '10.0.0.1') {
    const close = (code: number, reason: string) => {
      if (this.closed !== null) return
      this.closed = reason === '' ? String(code) : reason
      clock.setTimeout(() => this.socket.onClose(code, reason), 0)
    }
    this.leg = new RelayLeg({
      now: () => clock.now(),
      transmit: bytes => this.socket.onMessage(bytes.slice()),
      deliver: payload => this.voice.push(payload.slice()),
    })
    const self = this
    this.socket = {
      send: data => {
        if (this.closed !== null) return
        if (typeof data === 'string') this.heard.push(JSON.parse(data))
        else {
          this.binary.push(data.slice())
          if (this.alive) this.leg.receive(data)
        }
      },
      close: (code = 1005, reason = '') => close(code, reason),
      terminate: () => close(1006, 'cut'),
      ping: () => {
        if (this.alive && this.closed === null) this.socket.onPong?.()
      },
      get bufferedAmount() {
        return self.bufferedAmount
      },
      onMessage: () => {},
      onClose: () => {},
    }
    hub.connect(this.socket, address)
  }

  get challenge(): string {
    const first = this.heard[0]
    return first?.type === 'challenge' ? first.challenge : ''
  }

  login(parts: LoginParts): this {
    this.socket.onMessage(loginText(this.challenge, parts))
    return this
  }

  say(message: object): this {
    this.socket.onMessage(JSON.stringify(message))
    return this
  }

  raw(data: string | Uint8Array): this {
    this.socket.onMessage(data)
    return this
  }

  /** The client's end closes. */
  hangUp(): void {
    this.closed = 'hungUp'
    this.socket.onClose(1006, '')
  }

  last<T extends FromServer['type']>(type: T): Extract<FromServer, { type: T }> | undefined {
    return this.heard.findLast((m): m is Extract<FromServer, { type: T }> => m.type === type)
  }

  /** The types of what was heard since the last time this was asked; errors and refusals with their names. */
  news(): string[] {
    return this.heard
      .splice(0)
      .map(m => (m.type === 'error' ? `error ${m.name}` : m.type === 'refused' ? `refused ${m.reason}` : m.type))
  }
}
