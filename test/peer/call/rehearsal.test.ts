import t from 'tap'
import { rehearse } from '../../../peer/call/rehearsal.js'
import { seeded } from '../../protocol/seeded.js'

t.test('plays a key agreement and half a second of voice through, both ways', async t => {
  t.equal(rehearse(seeded('rehearsal')), true)
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
