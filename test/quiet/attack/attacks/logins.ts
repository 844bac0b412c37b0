/** Logins under ever new ids with ever new keys, from 100 addresses; every other one with a signature that does not fit. */
import { addressOf, type StartAttack, steadilyAtMost } from '../attack.js'
import { dial, login } from '../intruder.js'

const PER_SECOND = 200
const MOST = 200
const ADDRESSES = 100

export const logins: StartAttack = (target, counts) => {
  let number = 0
  return steadilyAtMost(MOST, PER_SECOND, ended => {
    const n = number++
    const socket = dial(target, addressOf(4, n % ADDRESSES), why => {
      counts.add(why)
      ended()
    })
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(`${data}`) as { type: string; challenge: string }
      // Addresses alternate in what they send over time: each sends good ones and bad ones.
      const proved = Math.floor(n / ADDRESSES) % 2 === 0
      if (message.type === 'challenge')
        socket.send(login(target, message.challenge, `flood-${process.pid}-${n}`, undefined, proved))
      else if (message.type === 'online') socket.close(1000, 'was online')
    })
  })
}
