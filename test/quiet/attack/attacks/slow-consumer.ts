/**
 * Calls of the attacker's own in which one side reads nothing from its socket any more (receive window 0), while the other one sends as
 * much as it may; the deaf side still speaks: pings of 125 bytes, whose answers wait for it too, and acknowledgements of what it never read.
 */

import { legAck } from '../../../leg-message.js'
import { addressOf, keepOpen, type StartAttack, steadily } from '../attack.js'
import { enterCall } from '../intruder.js'

const CALLS = 40
const EACH = 10
/** Under the limits of a connection. */
const FRAMES_PER_SECOND = 140
const FRAME_BYTES = 450
const PINGS_PER_SECOND = 18
const DATA = Buffer.alloc(125, 1)

let entered = 0

export const slowConsumer: StartAttack = (target, counts) =>
  keepOpen(CALLS, (n, ended) => {
    const frame = Buffer.alloc(FRAME_BYTES, 1)
    let floods: { stop(): void }[] = []
    return enterCall(target, addressOf(9, Math.floor(n / EACH)), `deaf-${process.pid}-${entered++}`, {
      matched: (speaker, deaf) => {
        deaf.pause()
        let sent = 0
        let acknowledged = 0
        floods = [
          steadily(FRAMES_PER_SECOND, () => {
            if (speaker.readyState === speaker.OPEN) speaker.send(frame)
            sent++
          }),
          steadily(PINGS_PER_SECOND, () => deaf.readyState === deaf.OPEN && deaf.ping(DATA)),
          // A lie: it opens the server's window for more.
          steadily(FRAMES_PER_SECOND / 10, () => {
            if (deaf.readyState !== deaf.OPEN || acknowledged + 100 >= sent) return
            deaf.send(legAck(acknowledged))
            acknowledged += 5
          }),
        ]
      },
      ended: why => {
        for (const flood of floods) flood.stop()
        counts.add(why)
        ended()
      },
    })
  })
