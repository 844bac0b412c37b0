/** Connections whose own side is closed at once, after a whole request, half of one, or a good upgrade; the other side is never read. */
import { connect } from 'node:net'
import { addressOf, keepOpen, type StartAttack } from '../attack.js'

const SOCKETS = 60
const EACH = 30
const UPGRADE =
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
const heads = [UPGRADE, UPGRADE.slice(0, 60), 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '']

export const halfClosed: StartAttack = ({ port }, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    const localAddress = addressOf(11, Math.floor(n / EACH))
    const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
    socket.end(heads[n % heads.length]!)
    socket.on('error', ({ code }: NodeJS.ErrnoException) => counts.add(`${code}`))
    socket.on('end', () => {
      counts.add('ended')
      socket.destroy()
    })
    socket.on('close', ended)
    socket.resume()
    return socket
  })
