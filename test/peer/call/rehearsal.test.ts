import t from 'tap'
import { rehearse } from '../../../peer/call/rehearsal.js'
import { nodeAead } from '../../../peer/node-aead.js'
import { seeded } from '../../protocol/seeded.js'

t.test('plays a key agreement and half a second of voice through, both ways', async t => {
  t.equal(rehearse(seeded('rehearsal')), true)
})

t.test('seals by the part that the call will seal by', async t => {
  let sealed = 0
  const aead = {
    ...nodeAead,
    seal: (...parts: Parameters<typeof nodeAead.seal>) => {
      sealed++
      return nodeAead.seal(...parts)
    },
  }
  t.equal(rehearse(seeded('rehearsal'), { sealing: { aead } }), true)
  t.equal(sealed, 50)
})

t.test('uses nobody’s secrets: only the randomness that it is handed', async t => {
  const asked: number[] = []
  const random = seeded('rehearsal')
  rehearse(length => {
    asked.push(length)
    return random(length)
  })
  // callId; for each of the two an identity, a scalar and a nonce.
  t.same(
    asked.sort((a, b) => a - b),
    [16, 32, 32, 32, 32, 64, 64],
  )
})
