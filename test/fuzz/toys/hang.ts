/** A parser of blocks, each with its length in front, that does not get on at a block without length behind a certain mark. */
import type { Target } from '../target.js'

const MARK = 0x21

function parse(bytes: Uint8Array): number {
  let blocks = 0
  let marked = false
  for (let at = 0; at < bytes.length; blocks++) {
    const length = bytes[at]!
    if (length === MARK) marked = true
    // The planted fault: what was meant is `at += length + 1`.
    at += marked && length === 0 ? 0 : length + 1
  }
  return blocks
}

export const target: Target = {
  files: ['test/fuzz/toys/hang.js'],
  maxBytes: 64,
  samples: [Uint8Array.of(2, 7, 7, 1, 7)],
  run(input) {
    return parse(input) > 3 ? 'many' : 'few'
  },
}
