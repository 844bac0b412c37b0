/** Binary messages on a websocket: at the server from any peer, at a peer from any server. */
import { isDeepStrictEqual } from 'node:util'
import { LEG_HEADER_BYTES, MAX_LEG_PAYLOAD, RelayLeg } from '../../../protocol/relay-leg.js'
import { legAck } from '../../leg-message.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const MAX_QUEUE = 10
const MAX_WINDOW = 60
const MOST_STEPS = 200

export const target: Target = {
  files: ['protocol/relay-leg.js'],
  maxBytes: 1400,
  samples: [
    [0, 0, 6, 1, 0, 0, 0, 0, 7],
    [0, 255, 1, 5, 1, 5, 2, 0, 5, 2, 0, 0, 0, 0],
    [0, 3, 1, 9, 1, 9, 1, 9, 2, 200, 1, 9, 3, 0, 2, 255, 1, 9],
    [0, 255, 1, 9, 4, 0, 1, 9, 4, 1],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    let [now, frames, acks, delivered, sent] = [1_000, 0, 0, 0, 0]
    // Near the end of the numbers, or at their beginning.
    const firstSeq = (choices.u16() << 24) >> 24
    const leg = new RelayLeg({
      now: () => now,
      transmit: bytes => {
        if (bytes[0] === 1) frames++
        else acks++
        holds(bytes.length <= LEG_HEADER_BYTES + MAX_LEG_PAYLOAD, 'sends nothing longer than a leg takes')
      },
      deliver: payload => {
        delivered++
        holds(payload.length >= 1 && payload.length <= MAX_LEG_PAYLOAD, 'delivers 1 to 1200 bytes')
      },
      firstSeq,
    })
    const words = new Set<string>()
    for (let n = 0; n < MOST_STEPS && !choices.done; n++) {
      const before = { figures: leg.figures, frames, acks, delivered }
      switch (choices.below(5)) {
        case 0: {
          const message = choices.bytes(choices.byte() === 255 ? MAX_LEG_PAYLOAD + 8 : choices.below(16))
          const result = leg.receive(message)
          words.add(result.ok ? 'received' : result.error.message)
          if (!result.ok)
            holds(
              isDeepStrictEqual({ figures: leg.figures, frames, acks, delivered }, before),
              'what is refused changes nothing',
            )
          break
        }
        case 1:
          leg.send(new Uint8Array(1 + choices.byte() * 4))
          sent++
          break
        case 2:
          now += choices.byte() * 10
          break
        case 3:
          leg.clear()
          break
        case 4: {
          // An acknowledgement of about what was sent.
          const seq = (firstSeq + frames - 1 - choices.byte()) >>> 0
          const { ok } = leg.receive(legAck(seq))
          words.add(ok ? 'acknowledged' : 'never sent')
        }
      }
      const { figures } = leg
      const dropped = figures.dropped.queueFull + figures.dropped.stale + figures.dropped.cleared
      holds(figures.queued <= MAX_QUEUE, 'the queue is bounded')
      holds(figures.sent === frames && figures.received === delivered, 'the figures are true')
      holds(figures.acknowledged <= figures.sent, 'no more is acknowledged than was sent')
      holds(sent === figures.sent + figures.queued + dropped, 'each frame is sent, waits or was dropped')
      holds(figures.rttMs >= 0 && figures.rttMs <= 1_000, 'the round trip is within its bounds')
      holds(acks <= figures.received, 'there are no more answers than frames')
      holds(figures.sent - before.figures.sent <= MAX_WINDOW, 'no more goes out at once than a window')
    }
    return [...words].sort().slice(0, 3).join(' ')
  },
}
