/**
 * A TCP connection in spite of a lost SYN, which the system sends again only after a second, and then after two more: meanwhile others
 * are begun, and the first to be answered is taken. An answer that takes longer than the pauses costs the server a connection that is
 * closed at once.
 */
import { connect, type Socket } from 'node:net'

/** Before the second attempt, and from there to the third, ms. */
const PAUSES_MS = [250, 400]

export interface TcpTarget {
  readonly host: string
  readonly port: number
}

export interface TcpOutcome {
  connected(socket: Socket): void
  /** None of them was answered, or all were refused. */
  failed(error: Error): void
}

/** Begins at once. Tells one outcome, later; none after the function that it returns was called, which gives all up. */
export function raceTcp(
  target: TcpTarget,
  outcome: TcpOutcome,
  dial: (target: TcpTarget) => Socket = connect,
): () => void {
  const sockets = new Set<Socket>()
  let [timer, begun]: [NodeJS.Timeout | undefined, number] = [undefined, 0]
  const stop = (winner?: Socket) => {
    clearTimeout(timer)
    begun = Number.POSITIVE_INFINITY
    for (const socket of sockets) if (socket !== winner) socket.destroy()
    sockets.clear()
  }
  const attempt = () => {
    const pause = PAUSES_MS[begun++]
    if (pause !== undefined) timer = setTimeout(attempt, pause)
    const socket = dial(target)
    sockets.add(socket)
    socket.once('connect', () => {
      if (!sockets.has(socket)) return
      stop(socket)
      outcome.connected(socket)
    })
    socket.on('error', error => {
      if (!sockets.delete(socket) || sockets.size > 0) return
      // Whoever refuses has answered: no further attempt would tell more.
      stop()
      outcome.failed(error)
    })
  }
  attempt()
  return () => stop()
}
