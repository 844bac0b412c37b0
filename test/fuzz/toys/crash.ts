/** A parser with a fault that no single change to the sample leads to: four letters, each of which a branch of its own asks for. */
import type { Target } from '../target.js'

function parse(bytes: Uint8Array): string {
  if (bytes[0] !== 0x46) return 'no F'
  if (bytes[1] !== 0x55) return 'no U'
  if (bytes[2] !== 0x5a) return 'no Z'
  if (bytes[3] !== 0x5a) return 'no second Z'
  throw new TypeError('the planted fault')
}

export const target: Target = {
  files: ['test/fuzz/toys/crash.js'],
  maxBytes: 16,
  samples: [Uint8Array.of(1, 2, 3)],
  run(input) {
    parse(input)
    return undefined
  },
}
