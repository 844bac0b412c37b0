/** A websocket is opened, its challenge never answered. */
import { addressOf, keepOpen, type StartAttack } from '../attack.js'
import { dial } from '../intruder.js'

const SOCKETS = 300
const EACH = 50

export const silence: StartAttack = (target, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    const socket = dial(target, addressOf(3, Math.floor(n / EACH)), why => {
      counts.add(why)
      ended()
    })
    return { destroy: () => socket.terminate() }
  })
