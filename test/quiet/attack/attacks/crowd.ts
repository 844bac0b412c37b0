/** Everything that one address can open, and no word said: does it take the place of all others? */
import { connect } from 'node:net'
import { addressOf, keepOpen, type StartAttack } from '../attack.js'

const SOCKETS = 300

export const crowd: StartAttack = ({ port }, counts) =>
  keepOpen(SOCKETS, (_, ended) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(1) })
    const openedAt = performance.now()
    socket.on('error', ({ code }: NodeJS.ErrnoException) => counts.add(`${code}`))
    socket.on('close', () => {
      counts.add(performance.now() - openedAt < 1000 ? 'refused at once' : 'ended later')
      ended()
    })
    socket.resume()
    return socket
  })
