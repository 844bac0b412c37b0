import type { Socket } from '../protocol/socket.js'

/** A socket as the server holds it: it can ping, and knows what it could not send yet. The simulated world may leave both out. */
export interface ServerSocket extends Socket {
  /** Asks the other end for a sign of life (RFC 6455, section 5.5.2), which arrives as `onPong`. */
  ping?(): void
  /** Set by the owner. The socket answers the other end's pings itself, and tells of them, so that they are counted. */
  onPong?: () => void
  onPing?: () => void
  /** Bytes given to `send` that the system has not taken yet. */
  readonly bufferedAmount?: number
}
