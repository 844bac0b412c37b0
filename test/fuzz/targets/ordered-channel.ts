/** The channel of ordered messages, against another side that sends any packets at all. */
import { MAX_ORDERED_BYTES, OrderedChannel } from '../../../protocol/ordered-channel.js'
import { encodePacket, MAX_PIECE_BYTES, type OrderedPacket } from '../../../protocol/packet.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const WINDOW = 16
const MAX_PIECES = 512
const MOST_STEPS = 300

export const target: Target = {
  files: ['protocol/ordered-channel.js'],
  maxBytes: 1500,
  samples: [
    [0, 0, 0, 0, 1, 3, 1, 2, 3],
    [0, 1, 0, 0, 0, 1, 9, 0, 0, 0, 0, 1, 1, 7],
    [1, 1, 0, 2, 0, 9, 0, 0, 1, 0, 0, 2, 1, 9],
    [1, 200, 1, 200, 2, 0, 1, 0, 0, 1, 255, 255, 0, 0, 2, 2, 9],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    const words = new Set<string>()
    let [expected, now, came] = [0, 0, 0]
    const channel = new OrderedChannel(message => {
      holds(message.length <= MAX_ORDERED_BYTES, 'no message is longer than allowed')
      holds(message.length <= came, 'no more is delivered than came')
      words.add(message.length === 0 ? 'empty' : 'message')
    })
    for (let n = 0; n < MOST_STEPS && !choices.done; n++) {
      switch (choices.below(3)) {
        case 0: {
          const packet = packetOf(choices, expected)
          came += packet.data.length
          const before = channel.waiting
          channel.receive(packet)
          if (packet.seq === expected) expected++
          holds(channel.waiting <= before, 'what comes takes nothing up for sending')
          break
        }
        case 1: {
          const taken = channel.send(new Uint8Array(choices.byte() * 40))
          words.add(taken ? 'taken' : 'full')
          break
        }
        case 2: {
          now += choices.byte() * 8
          const most = choices.below(20)
          const due = channel.due(now, choices.byte(), most)
          holds(
            due.length <= most && due.length <= WINDOW,
            'sends no more than it was asked for, and no more than the window',
          )
          for (const packet of due) {
            holds(packet.data.length <= MAX_PIECE_BYTES && packet.early < 2 ** WINDOW, 'sends what fits into a packet')
            encodePacket(packet)
          }
          words.add(due.length > 0 ? 'due' : 'nothing due')
        }
      }
      holds(channel.waiting <= MAX_PIECES, 'no more waits than may')
      holds(channel.kept <= WINDOW + MAX_ORDERED_BYTES, 'no more is kept than may be')
    }
    return [...words].sort().join(' ')
  },
}

/** Mostly near the ones that come next. */
function packetOf(choices: Choices, expected: number): OrderedPacket {
  const where = choices.byte()
  const seq = where < 250 ? Math.max(0, expected + (where % 32) - 8) : choices.u32()
  const acked = where < 128 ? choices.byte() : choices.u32()
  const early = choices.u16()
  const last = choices.below(2) === 1
  return { kind: 'ordered', seq, acked, early, last, data: choices.bytes(choices.byte() % (MAX_PIECE_BYTES + 1)) }
}
