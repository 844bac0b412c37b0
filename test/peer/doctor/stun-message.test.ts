import t from 'tap'
import { bindingRequest, mappedAddress } from '../../../peer/doctor/stun-message.js'
import { answerStun } from '../../../signaling/stun.js'

const transaction = Uint8Array.from({ length: 12 }, (_, i) => i + 1)

t.test('the server understands the question, and its answer is read: IPv4 and IPv6', async t => {
  for (const [address, shown] of [
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8::5', '2001:db8:0:0:0:0:0:5'],
  ] as const) {
    const answer = answerStun(bindingRequest(transaction), { address, port: 40_001 })
    t.same(mappedAddress(answer!, transaction), { address: shown, port: 40_001 })
  }
})

t.test('takes no answer to another question, and nothing that is cut off or no answer', async t => {
  const answer = answerStun(bindingRequest(transaction), { address: '203.0.113.7', port: 40_001 })!
  t.equal(mappedAddress(answer, new Uint8Array(12)), null)
  for (let length = 0; length < answer.length; length++)
    t.equal(mappedAddress(answer.subarray(0, length), transaction), null, `${length} bytes`)
  t.equal(mappedAddress(bindingRequest(transaction), transaction), null)
})

/** From RFC 5769, section 2.2: a sample answer with an IPv4 address. */
t.test('reads the sample of RFC 5769', async t => {
  const sample = Buffer.from(
    '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643' +
      '000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
    'hex',
  )
  const its = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex')
  t.same(mappedAddress(sample, its), { address: '192.0.2.1', port: 32_853 })
})
