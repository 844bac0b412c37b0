import t from 'tap'
import {
  bareCandidate,
  fingerprint,
  fingerprintIn,
  isCandidate,
  isHost,
  midIn,
  offerAsClient,
} from '../../../peer/routes/sdp.js'

/** As engines write it: CR and LF, one media section. */
const sdp = ['v=0', 'a=setup:actpass', 'a=fingerprint:SHA-256 ab:CD:01', 'm=application 9 X', 'a=mid:data', ''].join(
  '\r\n',
)

t.test('reads the fingerprint in the form in which two are compared', async t => {
  t.equal(fingerprintIn(sdp), 'sha-256 AB:CD:01')
  t.equal(fingerprint('Sha-256', 'ab:cd:01'), 'sha-256 AB:CD:01')
  t.equal(fingerprintIn('v=0'), null)
})

t.test('reads the name of the media section', async t => {
  t.equal(midIn(sdp), 'data')
  t.equal(midIn('v=0'), '0')
})

t.test('makes the offerer the client of DTLS', async t => {
  t.match(offerAsClient(sdp), /^a=setup:active\r$/m)
  t.equal(offerAsClient(offerAsClient(sdp)), offerAsClient(sdp))
})

t.test('knows a candidate from nonsense', async t => {
  const good = [
    'candidate:1 1 UDP 2122317823 192.168.1.2 46154 typ host',
    'candidate:842163049 1 udp 1677729535 203.0.113.7 55996 typ srflx raddr 0.0.0.0 rport 0 generation 0',
    'candidate:3 1 UDP 2122187263 2001:db8::1 9 typ host',
    'candidate:0 1 udp 2113937151 6a2f4f5c-0d3f-4bd1-8a7a-0f3f0d1c2b3a.local 53122 typ host generation 0',
    'candidate:5 1 udp 8331263 203.0.113.9 49152 typ relay raddr 10.0.0.1 rport 4000',
  ]
  for (const text of good) t.ok(isCandidate(bareCandidate(`a=${text}`)), text)
  const bad = [
    '',
    'candidate:',
    'candidate:1 1 tcp 1518280447 192.168.1.2 9 typ host tcptype active',
    'candidate:1 2 UDP 1 192.168.1.2 1 typ host',
    'candidate:1 1 UDP 1 192.168.1.2 typ host',
    'candidate:1 1 UDP 1 a b 1 typ host',
    `candidate:${'x'.repeat(100)} 1 UDP 1 192.168.1.2 1 typ host`,
    'candidate:1 1 UDP 1 192.168.1.2 1 typ hostile',
    'candidate:1 1 UDP 1 192.168.1.2 1 typ host \r\na=ice-pwd:guessed',
    'candidate:1 1 UDP 1 192.168.1.2 1 typ host\n',
    'candidate:é 1 UDP 1 192.168.1.2 1 typ host',
  ]
  for (const text of bad) t.notOk(isCandidate(text), JSON.stringify(text))
})

t.test('tells an address of its own from one that was given', async t => {
  t.ok(isHost('candidate:1 1 UDP 2122317823 192.168.1.2 46154 typ host'))
  t.ok(isHost('candidate:0 1 udp 2113937151 6a2f4f5c.local 53122 typ host generation 0'))
  t.notOk(isHost('candidate:2 1 udp 1677729535 203.0.113.7 55996 typ srflx raddr 0.0.0.0 rport 0'))
  t.notOk(isHost('candidate:5 1 udp 8331263 203.0.113.9 49152 typ relay raddr 10.0.0.1 rport 4000'))
})
