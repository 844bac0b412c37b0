/** A proxy between programs and a server that reads the text messages that pass, and may keep them. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** `up`: from a peer. The answer: whether it is passed on. */
export type Meddle = (message: { type: string; data?: string }, direction: 'up' | 'down') => boolean

export class MeddlingProxy {
  /** All text that came, in order. */
  readonly seen: string[] = []
  meddle: Meddle = () => true
  readonly #server: WebSocketServer
  readonly #target: number

  private constructor(server: WebSocketServer, target: number) {
    this.#server = server
    this.#target = target
    server.on('connection', socket => this.#join(socket))
  }

  /** On a free port of loopback, before the one at the port `target`, which may start later. */
  static async open(target: number): Promise<MeddlingProxy> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    return new MeddlingProxy(server, target)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #join(peer: WebSocket): void {
    const server = new WebSocket(`ws://127.0.0.1:${this.#target}`)
    const early: [Buffer, boolean][] = []
    const pass = (to: WebSocket, direction: 'up' | 'down') => (data: Buffer, isBinary: boolean) => {
      if (!isBinary) {
        this.seen.push(data.toString())
        if (!this.meddle(JSON.parse(data.toString()), direction)) return
      }
      if (to.readyState === WebSocket.CONNECTING) early.push([data, isBinary])
      else to.send(data, { binary: isBinary })
    }
    peer.on('message', pass(server, 'up'))
    server.on('message', pass(peer, 'down'))
    server.on('open', () => {
      for (const [data, binary] of early) server.send(data, { binary })
    })
    for (const [one, other] of [
      [peer, server],
      [server, peer],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => other.close())
    }
  }
}
