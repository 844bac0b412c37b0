/** Packets, as they come out of a frame that opened: from the other side, which may be malicious. */
import { decodePacket, encodePacket, MAX_BLOCKS, MAX_PIECE_BYTES, type Packet } from '../../../protocol/packet.js'
import { holds, type Target } from '../target.js'

const opus = new Uint8Array(80).fill(0xee)
const status = { muted: true, doubt: false, hears: true, recording: true, sentAt: 7, echo: 9 } as const
const figures = { held: 1, lost: 2, jitter: 3, buffer: 4, burst: 15, late: 70 }
const ordered = { kind: 'ordered', seq: 3, acked: 2, early: 1 } as const

export const packets: readonly Packet[] = [
  { kind: 'voice', blocks: [{ at: 7, opus }] },
  {
    kind: 'voice',
    blocks: [
      { at: 7, opus: opus.subarray(0, 30) },
      { at: 5, opus: opus.subarray(0, 3) },
    ],
  },
  { kind: 'status', ...status, ...figures, wants: 'relay' },
  { kind: 'bye', reason: 'vanished', answer: true },
  { kind: 'probe', generation: 258, n: 3, answer: false },
  { ...ordered, last: true, data: opus.subarray(0, MAX_PIECE_BYTES) },
  { ...ordered, last: false, data: new Uint8Array(0) },
]

export const target: Target = {
  files: ['protocol/packet.js'],
  maxBytes: 160,
  samples: packets.map(encodePacket),
  make: random => {
    const at = random.below(2 ** 32)
    const blocks = Array.from({ length: 1 + random.below(MAX_BLOCKS) }, (_, i) => ({
      at: i === 0 ? at : (at - random.below(256)) >>> 0,
      opus: random.bytes(random.below(30)),
    }))
    if (random.chance(0.5)) return encodePacket({ kind: 'voice', blocks })
    const numbers = { seq: at, acked: random.below(2 ** 32), early: random.below(65_536) }
    return encodePacket({ kind: 'ordered', ...numbers, last: random.chance(0.5), data: random.bytes(random.below(75)) })
  },
  run(input) {
    const packet = decodePacket(input)
    if (!packet.ok) {
      holds(packet.error.name === 'badPacket' && packet.error.message.length < 200, 'refuses with its own name')
      return packet.error.message
    }
    const again = encodePacket(packet.value)
    holds(again.length <= input.length, 'holds no more than it came in')
    for (let i = 0; i < input.length; i++) {
      // A status may have flags of later versions, which are not kept.
      const known = packet.value.kind === 'status' && i === 1 ? input[i]! & 15 : input[i]
      holds(known === (again[i] ?? 0), `writes byte ${i} of what it read as it was`)
    }
    return packet.value.kind
  },
}
