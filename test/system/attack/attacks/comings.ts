/** Websockets opened and closed again at once, from one address. */
import { addressOf, type StartAttack, steadily } from '../attack.js'
import { dial } from '../intruder.js'

const PER_SECOND = 150

export const comings: StartAttack = (target, counts) =>
  steadily(PER_SECOND, () => {
    const socket = dial(target, addressOf(5), why => counts.add(why))
    socket.on('open', () => socket.close(1000, 'left'))
  })
