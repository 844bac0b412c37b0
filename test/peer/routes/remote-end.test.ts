import t from 'tap'
import { RemoteEnd } from '../../../peer/routes/remote-end.js'

const sdp = 'v=0\r\na=fingerprint:sha-256 AB:CD\r\na=mid:data\r\n'
const candidate = (n: number) => ({
  kind: 'candidate' as const,
  text: `candidate:${n} 1 UDP 2122317823 192.168.1.2 ${n + 1} typ host`,
})

t.test('takes one description, of the kind that it waits for, and notes whom it describes', async t => {
  const remote = new RemoteEnd(true)
  t.equal(remote.fingerprint, null)
  t.notOk(remote.takes({ kind: 'offer', text: sdp }), 'both offer')
  t.ok(remote.takes({ kind: 'answer', text: sdp }))
  t.same([remote.fingerprint, remote.mid], ['sha-256 AB:CD', 'data'])
  t.notOk(remote.takes({ kind: 'answer', text: sdp.replace('AB', 'EE') }), 'a second one')
  t.equal(remote.fingerprint, 'sha-256 AB:CD')
  t.ok(new RemoteEnd(false).takes({ kind: 'offer', text: sdp }))
})

t.test('takes no description without a fingerprint', async t => {
  t.throws(() => new RemoteEnd(false).takes({ kind: 'offer', text: 'v=0' }), { message: /no fingerprint/ })
})

t.test('takes candidates after the description, as many as a machine may have, and no nonsense', async t => {
  const remote = new RemoteEnd(false)
  t.notOk(remote.takes(candidate(0)), 'before the offer')
  remote.takes({ kind: 'offer', text: sdp })
  t.notOk(remote.takes({ kind: 'candidate', text: 'candidate: nonsense' }))
  const taken = Array.from({ length: 100 }, (_, n) => remote.takes(candidate(n))).filter(taken => taken)
  t.equal(taken.length, 32)
})
