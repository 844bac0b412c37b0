/** A parser that keeps what it has read. */
import type { Target } from '../target.js'

const kept: Uint8Array[] = []

function parse(bytes: Uint8Array): void {
  // The planted fault.
  kept.push(new Uint8Array(600).fill(bytes[0] ?? 0))
}

export const target: Target = {
  files: ['test/fuzz/toys/leak.js'],
  maxBytes: 16,
  samples: [Uint8Array.of(1)],
  run(input) {
    parse(input)
    return undefined
  },
}
