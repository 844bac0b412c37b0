/** Binary messages inside a call of the attacker's own: of 16 KiB, and frames of the longest kind, as fast as it can. */
import { addressOf, keepOpen, type StartAttack, steadily } from '../attack.js'
import { enterCall } from '../intruder.js'

const CALLS = 20
const EACH = 5
const PER_SECOND = 1000

let entered = 0

export const frames: StartAttack = (target, counts) =>
  keepOpen(CALLS, (n, ended) => {
    const frame = Buffer.alloc(n % 2 ? 1205 : 16 * 1024, 1)
    let flood = { stop: () => {} }
    return enterCall(target, addressOf(8, Math.floor(n / EACH)), `frames-${process.pid}-${entered++}`, {
      matched: a => {
        flood = steadily(PER_SECOND, () => a.readyState === a.OPEN && a.bufferedAmount < 1 << 18 && a.send(frame))
      },
      ended: why => {
        flood.stop()
        counts.add(why)
        ended()
      },
    })
  })
