/** Requests one behind the other, whose answers are never read. */
import { connect } from 'node:net'
import { addressOf, keepOpen, type StartAttack } from '../attack.js'

const SOCKETS = 40
const EACH = 20
const REQUESTS = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200)

export const unreadAnswers: StartAttack = ({ port }, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(12, Math.floor(n / EACH)) })
    const more = setInterval(() => {
      if (socket.writableLength < REQUESTS.length) socket.write(REQUESTS)
    }, 50)
    socket.pause()
    socket.on('error', ({ code }: NodeJS.ErrnoException) => counts.add(`${code}`))
    socket.on('close', () => {
      clearInterval(more)
      ended()
    })
    return socket
  })
