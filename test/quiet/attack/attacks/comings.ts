/** Websockets opened and closed again at once, from one address. */
import { addressOf, type StartAttack, steadilyAtMost } from '../attack.js'
import { dial } from '../intruder.js'

const PER_SECOND = 150
const MOST = 60

export const comings: StartAttack = (target, counts) =>
  steadilyAtMost(MOST, PER_SECOND, ended => {
    const socket = dial(target, addressOf(5), why => {
      counts.add(why)
      ended()
    })
    socket.on('open', () => socket.close(1000, 'left'))
  })
