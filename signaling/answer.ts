import type { Duplex } from 'node:stream'

/** Answers with an HTTP status and nothing else, and ends the connection as soon as the system has taken that. */
export function answer(socket: Duplex, status: string): void {
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
