/** The headers of frames: the first that is looked at of whatever comes, on each route. */
import { decodeSframeHeader, encodeSframeHeader, sframeHeaderSize } from '../../../protocol/sframe.js'
import { holds, type Target } from '../target.js'

const numbers = [0n, 7n, 8n, 255n, 256n, 65535n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 64n - 1n]

export const target: Target = {
  files: ['protocol/sframe.js'],
  maxBytes: 24,
  samples: [...numbers.flatMap(kid => numbers.map(counter => encodeSframeHeader(kid, counter))), new Uint8Array(0)],
  run(input) {
    const header = decodeSframeHeader(input)
    if (!header.ok) return header.error.message
    const { kid, counter, size } = header.value
    holds(size >= 1 && size <= 17 && size <= input.length, 'is 1 to 17 bytes long, all of them there')
    holds(size === sframeHeaderSize(kid, counter), 'has the length that it would be given')
    const again = encodeSframeHeader(kid, counter)
    holds(
      again.every((byte, i) => byte === input[i]),
      'writes what it read as it was',
    )
    return `${size}`
  },
}
