/** What a STUN server, any one, answers the doctor. */
import { isIP } from 'node:net'
import { mappedAddress } from '../../../peer/doctor/stun-message.js'
import { sampleIPv4Response, sampleIPv6Response, sampleRequest } from '../../signaling/stun-samples.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['peer/doctor/stun-message.js'],
  maxBytes: 200,
  samples: [sampleIPv4Response, sampleIPv6Response, sampleRequest],
  words: [Uint8Array.of(0, 0x20, 0, 8, 0, 1), Uint8Array.of(0, 0x20, 0, 0x14, 0, 2)],
  run(input) {
    const transaction = sampleRequest.subarray(8, 20)
    const told = mappedAddress(input, transaction)
    if (!told) return 'refused'
    holds(isIP(told.address) !== 0 && told.port >= 0 && told.port <= 65535, 'tells an address and a port')
    holds(
      transaction.every((byte, i) => byte === input[8 + i]),
      'takes no answer to another question',
    )
    return `IPv${isIP(told.address)}`
  },
}
