/** What the other side says to make a direct connection. */
import { equalBytes } from '../../../protocol/bytes.js'
import { decodeNegotiation, encodeNegotiation, isNewer, negotiationKinds } from '../../../protocol/negotiation.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['protocol/negotiation.js'],
  maxBytes: 200,
  samples: negotiationKinds.flatMap(kind =>
    ['', 'v=0\r\n', '\uFEFFä€😀'].map(text => encodeNegotiation({ kind, generation: 65535, text })),
  ),
  words: ['\uFEFF', Uint8Array.of(0xc0, 0x80), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0xf4, 0x90, 0x80, 0x80)],
  run(input) {
    const read = decodeNegotiation(input)
    if (!read.ok) return read.error.message
    const { kind, generation } = read.value
    holds(equalBytes(encodeNegotiation(read.value), input), 'writes what it read as it was')
    const other = (generation * 7 + input.length) & 0xffff
    holds(!isNewer(generation, generation), 'nothing is newer than itself')
    holds(!(isNewer(generation, other) && isNewer(other, generation)), 'one of two is newer at most')
    return kind
  },
}
