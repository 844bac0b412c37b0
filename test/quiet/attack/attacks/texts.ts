/** Text messages of 16 KiB from those who are logged in: no JSON, deep JSON, a message with much space in it, a big `pass`. */
import { addressOf, keepOpen, type StartAttack, steadily } from '../attack.js'
import { enter } from '../intruder.js'

const SOCKETS = 40
const EACH = 10
const PER_SECOND = 18

const SIZE = 16 * 1024
export const texts: readonly string[] = [
  'x'.repeat(SIZE),
  '['.repeat(SIZE / 2) + ']'.repeat(SIZE / 2),
  `{"type":"ping","n":${' '.repeat(SIZE - 22)}1}`,
  `{"type":"pass","callId":"${'A'.repeat(22)}","data":"${'A'.repeat(10_900)}"}`,
  `{"type":"call","to":"nobody"${' '.repeat(SIZE - 30)}}`,
]

let entered = 0

export const textFlood: StartAttack = (target, counts) =>
  keepOpen(SOCKETS, (n, ended) => {
    let flood = { stop: () => {} }
    const socket = enter(target, addressOf(6, Math.floor(n / EACH)), `texts-${process.pid}-${entered++}`, {
      online: socket => {
        flood = steadily(PER_SECOND, () => {
          if (socket.bufferedAmount < 4 * SIZE) socket.send(texts[n % texts.length]!)
        })
      },
      ended: why => {
        flood.stop()
        counts.add(why)
        ended()
      },
    })
    return { destroy: () => socket.terminate() }
  })
