/** A server that introduces two people to each other as a real one does (its hub is the real one), and sits between them. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { parseFromPeer, parseFromServer } from '../../protocol/signaling.js'
import type { Socket } from '../../protocol/socket.js'
import { Hub, type ServerSocket } from '../../signaling/index.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import type { Client, MakeTrick, Trick } from './tricks/trick.js'
import { WsSocket } from './ws-socket.js'

/** It does not hold against its peers what it did to them itself. */
const LIMITS = { errors: 1e9, messagesPerSecond: 1e6, messageBurst: 1e6, framesPerSecond: 1e6, frameBurst: 1e6 }

const clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms),
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
}

/** What the hub holds for a socket: all that passes goes through the trick, both ways. */
class Tapped implements ServerSocket, Client {
  onMessage: (data: string | Uint8Array) => void = () => {}
  id = ''
  closed = false
  readonly #socket: WsSocket
  readonly #trick: Trick
  readonly #all: ReadonlySet<Tapped>

  constructor(socket: WsSocket, trick: Trick, all: Set<Tapped>) {
    this.#socket = socket
    this.#trick = trick
    this.#all = all
    all.add(this)
    socket.onMessage = data => this.#up(data)
  }

  get other(): Client | null {
    return [...this.#all].find(({ id, closed }) => !closed && id !== '' && id !== this.id) ?? null
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  set onClose(done: Socket['onClose']) {
    this.#socket.onClose = (code, reason) => {
      this.closed = true
      done(code, reason)
    }
  }

  set onPong(done: () => void) {
    this.#socket.onPong = done
  }

  set onPing(done: () => void) {
    this.#socket.onPing = done
  }

  say(data: string | Uint8Array): void {
    this.#socket.send(data)
  }

  send(data: string | Uint8Array): void {
    const read = typeof data === 'string' ? parseFromServer(data) : null
    const message = read?.ok ? read.value : null
    this.#trick({ client: this, direction: 'down', data, message, pass: (other = data) => this.say(other) })
  }

  ping(): void {
    this.#socket.ping()
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #up(data: string | Uint8Array): void {
    const read = typeof data === 'string' ? parseFromPeer(data) : null
    const message = read?.ok ? read.value : null
    if (message?.type === 'login') this.id = message.id
    this.#trick({ client: this, direction: 'up', data, message, pass: (other = data) => this.onMessage(other) })
  }
}

export interface MaliciousServer {
  readonly url: string
  close(): Promise<void>
}

/** Starts one on loopback. `did` is told what was done to whom. */
export async function startMaliciousServer(
  makeTrick: MakeTrick,
  { seed, port, did }: { seed: number; port: number; did: (what: string) => void },
): Promise<MaliciousServer> {
  const random = new SeededRandom(seed)
  const hub = new Hub({
    clock,
    random: length => new Uint8Array(randomBytes(length)),
    originAllowed: () => true,
    limits: LIMITS,
    ice: () => ({ stunPort: 1, turn: [] }),
  })
  const trick = makeTrick({ random, did, enter: login => enter(hub, login, did) }, seed)
  const websockets = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false })
  await once(websockets, 'listening')
  const all = new Set<Tapped>()
  websockets.on('connection', websocket => {
    const socket = new WsSocket(websocket, () => {})
    hub.connect(new Tapped(socket, trick, all), 'all')
  })
  return {
    url: `ws://127.0.0.1:${(websockets.address() as AddressInfo).port}`,
    async close() {
      hub.close()
      for (const socket of websockets.clients) socket.terminate()
      await new Promise(resolve => websockets.close(resolve))
    },
  }
}

/** Connects to the hub, says a login that was overheard, and tells what came of it. */
function enter(hub: Hub, login: string, did: (what: string) => void): void {
  const socket: ServerSocket = {
    onMessage: () => {},
    onClose: () => {},
    send(data) {
      const read = typeof data === 'string' ? parseFromServer(data) : null
      if (!read?.ok) return
      if (read.value.type === 'challenge') setImmediate(() => socket.onMessage(login))
      else if (read.value.type === 'refused') did(`was refused: ${read.value.reason}`)
      else if (read.value.type === 'online') did('is in')
    },
    close: () => socket.onClose(1000, ''),
    terminate: () => socket.onClose(1006, ''),
  }
  hub.connect(socket, 'mallory')
}
