/** A visit to the server beside a call: dials, logs in, asks, leaves. */
import { fromBase64url, toBase64url } from '../../protocol/bytes.js'
import type { IceServers } from '../../protocol/ice.js'
import type { Identity } from '../../protocol/identity.js'
import { originOf, signLogin } from '../../protocol/login.js'
import type { Random } from '../../protocol/random.js'
import {
  encodeSignaling,
  type FromPeer,
  type FromServer,
  parseFromServer,
  SIGNALING_VERSION,
} from '../../protocol/signaling.js'
import type { Socket } from '../../protocol/socket.js'
import type { HeaderFields } from './websocket.js'

/** Connecting and logging in, and each answer, may take so long, ms. */
const PATIENCE_MS = 8_000

export interface VisitParts {
  readonly dial: (onProblem: (why: string) => void, onUpgrade: (headers: HeaderFields) => void) => Socket
  /** As a ws: or wss: URL. */
  readonly url: string
  readonly id: string
  readonly identity: Identity
  /** To a private server. */
  readonly invitation?: string | undefined
  readonly random: Random
  readonly now: () => number
}

/**
 * Why a visit failed: `unreachable`, `noVoiceChat`, or the server's own name for it; `message` is a sentence for people, but
 * the end of one for `unreachable`.
 */
export class VisitProblem extends Error {
  override readonly name: string

  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

export class Visit {
  /** What the server calls itself, `voicechat-server/0.1.0`. */
  server = ''
  /** What it offers to those who look for a direct route; complete after one `ping`. */
  ice: IceServers | null = null
  /** The server's calendar by its answer to the upgrade, epoch ms, and when that came, by this machine's; null: it told none. */
  date: { readonly server: number; readonly own: number } | null = null
  readonly #parts: VisitParts
  readonly #socket: Socket
  #hear: (message: FromServer) => void = () => {}
  #fail: (problem: VisitProblem) => void = () => {}
  #why = ''
  #closed: VisitProblem | null = null
  #gone: () => void = () => {}

  /** Logs in. Rejects with a VisitProblem. */
  static async open(parts: VisitParts): Promise<Visit> {
    const visit = new Visit(parts)
    try {
      await visit.#logIn()
    } catch (problem) {
      visit.#socket.terminate()
      throw problem
    }
    return visit
  }

  private constructor(parts: VisitParts) {
    this.#parts = parts
    this.#socket = parts.dial(
      why => {
        this.#why = why
      },
      headers => this.#upgraded(headers),
    )
    this.#socket.onMessage = data => {
      if (typeof data !== 'string') return
      const parsed = parseFromServer(data)
      // A newer server may say what this program doesn't know, but not greet with it.
      if (parsed.ok) this.#take(parsed.value)
      else if (this.server === '') this.#fail(noVoiceChat())
    }
    this.#socket.onClose = (_code, why) => {
      this.#closed ??= new VisitProblem('unreachable', this.#why || why || 'it closed the connection')
      this.#fail(this.#closed)
      this.#gone()
    }
  }

  /** Asks something. The first answer of this type; rejects with a VisitProblem when an error comes instead, or nothing. */
  async ask<T extends FromServer['type']>(message: FromPeer, type: T): Promise<Extract<FromServer, { type: T }>> {
    const answer = this.#next((said): said is Extract<FromServer, { type: T }> => said.type === type)
    this.#socket.send(encodeSignaling(message))
    return answer
  }

  /** A round trip to the server and back, ms. */
  async ping(): Promise<number> {
    const sentAt = this.#parts.now()
    await this.ask({ type: 'ping', n: 1 }, 'pong')
    return this.#parts.now() - sentAt
  }

  /** Leaves; resolves when the server knows, or after a second. */
  async close(): Promise<void> {
    if (this.#closed) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, 1_000)
      this.#gone = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#closed = new VisitProblem('unreachable', 'the visit is over')
      this.#socket.close(1000, 'bye')
    })
    this.#socket.terminate()
  }

  async #logIn(): Promise<void> {
    const { url, id, identity, invitation, random } = this.#parts
    const origin = originOf(url)
    if (origin === null) throw new VisitProblem('badServer', `"${url}" is not the address of a server.`)
    const greeting = await this.#next((said): said is Extract<FromServer, { type: 'challenge' }> => {
      return said.type === 'challenge'
    })
    this.server = greeting.server
    const challenge = fromBase64url(greeting.challenge)
    if (greeting.v !== SIGNALING_VERSION || !challenge)
      throw new VisitProblem(
        'version',
        `The server speaks version ${greeting.v} of the protocol, this program ${SIGNALING_VERSION}: update the older one.`,
      )
    const session = random(16)
    const signature = signLogin(identity, { origin, id, challenge, session })
    const key = toBase64url(identity.publicKey)
    const proof = { key, session: toBase64url(session), origin, signature: toBase64url(signature) }
    const shown = invitation === undefined ? {} : { invitation }
    await this.ask({ type: 'login', v: SIGNALING_VERSION, id, ...proof, ...shown }, 'online')
  }

  #take(message: FromServer): void {
    if (message.type === 'ice') {
      const { type: _, ...ice } = message
      this.ice = ice
    }
    if (message.type === 'refused') this.#fail(new VisitProblem(message.reason, message.message))
    else if (message.type === 'error') this.#fail(new VisitProblem(message.name, message.message))
    else this.#hear(message)
  }

  #upgraded({ date }: HeaderFields): void {
    const server = Date.parse(String(date))
    if (!Number.isNaN(server)) this.date = { server, own: Date.now() }
  }

  #next<M extends FromServer>(fits: (said: FromServer) => said is M): Promise<M> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#closed)
        return
      }
      const timer = setTimeout(() => this.#fail(new VisitProblem('unreachable', 'it does not answer')), PATIENCE_MS)
      const settle = () => {
        clearTimeout(timer)
        this.#hear = () => {}
        this.#fail = () => {}
      }
      this.#hear = said => {
        if (!fits(said)) return
        settle()
        resolve(said)
      }
      this.#fail = problem => {
        settle()
        reject(problem)
      }
    })
  }
}

function noVoiceChat(): VisitProblem {
  return new VisitProblem('noVoiceChat', 'What answers there is no VoiceChat server: check the address and the port.')
}
