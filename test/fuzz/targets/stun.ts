/** Datagrams at the server's STUN port, from anybody. */
import { mappedAddress } from '../../../peer/doctor/stun-message.js'
import { addressBytes } from '../../../signaling/address.js'
import { answerStun } from '../../../signaling/stun.js'
import { bindingRequest, sampleIPv4Response, sampleRequest, withFingerprint } from '../../signaling/stun-samples.js'
import { holds, type Target } from '../target.js'

/** RFC 8489, section 14: what an answer may have more than its request. */
const MOST_MORE = 24
const sources = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::5', 'fe80::1%eth0', '::1'].map(address => ({
  address,
  port: 40_001,
}))

export const target: Target = {
  files: ['signaling/stun.js', 'signaling/address.js'],
  maxBytes: 640,
  samples: [
    bindingRequest(),
    bindingRequest([0x7001, '01020304'], [0x0006, '61626364'], [0x8022, '']),
    withFingerprint(bindingRequest()),
    withFingerprint(bindingRequest([0x7001, ''], [0x7002, ''])),
    sampleRequest,
    sampleIPv4Response,
  ],
  words: [Uint8Array.of(0x21, 0x12, 0xa4, 0x42), Uint8Array.of(0x80, 0x28, 0, 4), Uint8Array.of(0, 0x20, 0, 0)],
  make: random => {
    const types = [0x0001, 0x0006, 0x0020, 0x7001, 0x8022, 0x8028, 0xffff]
    return bindingRequest(
      ...Array.from({ length: random.below(5) }, (): [number, string] => [
        types[random.below(types.length)]!,
        Buffer.from(random.bytes(4 * random.below(4))).toString('hex'),
      ]),
    )
  },
  run(input) {
    // Its fingerprint is right more often than mutations make it.
    const request = (input[3] ?? 0) % 4 === 1 && input.length >= 20 ? withFingerprint(input) : input
    const source = sources[(input[19] ?? 0) % sources.length]!
    const answer = answerStun(request, source)
    if (!answer) return 'no answer'
    holds(answer.length <= request.length + MOST_MORE, 'answers with little more than it was asked')
    holds(answerStun(answer, source) === null, 'answers no answer')
    const told = mappedAddress(answer, request.subarray(8, 20))
    if (!told) return 'refused'
    const [one, other] = [told.address, source.address].map(address => String(addressBytes(address)))
    holds(one === other && told.port === source.port, 'tells the address that it was asked from')
    return source.address
  },
}
