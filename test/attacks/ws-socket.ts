import type { WebSocket } from 'ws'
import type { ServerSocket } from '../../signaling/server-socket.js'

/** A `ws` websocket as the hub holds it. */
export class WsSocket implements ServerSocket {
  onMessage: (data: string | Uint8Array) => void = () => {}
  onClose: (code: number, reason: string) => void = () => {}
  onPong: () => void = () => {}
  onPing: () => void = () => {}
  readonly #socket: WebSocket

  /** `onError`: a broken frame, a message over the size limit, a reset; the socket closes by itself. */
  constructor(socket: WebSocket, onError: (error: NodeJS.ErrnoException) => void) {
    this.#socket = socket
    // One buffer for each message is what `nodebuffer`, the default, gives; see ws's documentation of binaryType.
    socket.on('message', (data: Buffer, isBinary: boolean) => this.onMessage(isBinary ? data : data.toString()))
    socket.on('pong', () => this.onPong())
    socket.on('ping', () => this.onPing())
    socket.on('close', (code, reason) => this.onClose(code, reason.toString()))
    socket.on('error', onError)
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: string | Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(data)
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
