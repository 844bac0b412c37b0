/** Connections that never say a word: 2,000 from 63 addresses, each opened anew when the server ends it. */
import { connect } from 'node:net'
import { addressOf, keepOpen, type StartAttack } from '../attack.js'

const SOCKETS = 2000
/** As many as one may have. */
const EACH = 32

export const halfOpen: StartAttack = ({ port }, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(0, Math.floor(n / EACH)) })
    socket.on('connect', () => counts.add('opened'))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => counts.add(`${code}`))
    socket.on('close', () => {
      counts.add('ended')
      ended()
    })
    socket.resume()
    return socket
  })
