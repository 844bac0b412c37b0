import type { Duplex } from 'node:stream'

/** Answers with an HTTP status, maybe more fields and a text, and ends the connection as soon as the system has taken that. */
export function answer(socket: Duplex, status: string, fields: readonly string[] = [], text = ''): void {
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  const head = [`HTTP/1.1 ${status}`, 'Connection: close', ...fields, `Content-Length: ${Buffer.byteLength(text)}`]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}
