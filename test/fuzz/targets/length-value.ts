/** Fields with their lengths in front: all that the key agreement is made of. */
import { equalBytes } from '../../../protocol/bytes.js'
import { lv, readLv } from '../../../protocol/length-value.js'
import { holds, type Target } from '../target.js'

const MAX_FIELDS = 8

export const target: Target = {
  files: ['protocol/length-value.js'],
  maxBytes: 400,
  samples: [
    lv(),
    lv('h1', Uint8Array.of(1), new Uint8Array(16), 'abc', ''),
    lv(new Uint8Array(127), new Uint8Array(128), 'x'),
    lv(...Array.from({ length: MAX_FIELDS }, (_, i) => `${i}`)),
  ],
  words: [Uint8Array.of(0x80, 0x01), Uint8Array.of(0x80, 0x00), Uint8Array.of(0xff, 0xff, 0x7f)],
  make: random => {
    const lengths = [0, 1, 5, 126, 127, 128, 129, 300]
    return lv(...Array.from({ length: random.below(MAX_FIELDS + 2) }, () => random.bytes(lengths[random.below(8)]!)))
  },
  run(input) {
    const read = readLv(input, MAX_FIELDS)
    if (!read.ok) return read.error.message
    holds(read.value.length <= MAX_FIELDS, 'reads no more fields than it may')
    holds(equalBytes(lv(...read.value), input), 'the same fields have the same bytes')
    return `${read.value.length} fields`
  },
}
