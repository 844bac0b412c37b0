/** The opening handshake of websockets (RFC 6455, section 4), by `ws`; what it hands over is the bare stream. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

/** Given to `ws` as its class of websockets: takes the stream, and leaves its frames to somebody else. */
class Handover extends WebSocket {
  stream: Duplex | null = null

  /** What `ws` does last: here it would begin to read. */
  setSocket(stream: Duplex): void {
    this.stream = stream
  }
}

const handshakes = new WebSocketServer<typeof Handover>({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  WebSocket: Handover,
})
// Node dates its answers, but not those to upgrades; peers compare it with their own clock (doctor).
handshakes.on('headers', headers => headers.push(`Date: ${new Date().toUTCString()}`))

/** Answers an upgrade. `done` gets the stream, in the same turn of the event loop; a request that is none is refused. */
export function upgrade(request: IncomingMessage, stream: Duplex, done: (stream: Duplex) => void): void {
  handshakes.handleUpgrade(request, stream, Buffer.alloc(0), handover => done(handover.stream!))
}
