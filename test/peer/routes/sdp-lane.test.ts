import t from 'tap'
import { fingerprintIn, midIn } from '../../../peer/routes/sdp.js'
import { hasLaneLine, LANE_LINE, withLaneLine, withLaneSection } from '../../../peer/routes/sdp-lane.js'

const session = ['v=0', 's=-', 't=0 0']
const audio = ['m=audio 9 UDP/TLS/RTP/SAVPF 107', 'a=mid:lane', 'a=rtpmap:107 voicechat/48000/2', 'a=setup:actpass']
const data = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', 'a=setup:actpass']
const sdp = (...lines: string[]) => [...lines, ''].join('\r\n')
const own = sdp(
  ...session,
  'a=group:BUNDLE lane 0',
  'a=group:LS lane',
  'a=msid-semantic:WMS *',
  'a=fingerprint:sha-256 AB:CD',
  ...audio,
  ...data,
)
const told = sdp(...session, 'a=group:BUNDLE 0', 'a=fingerprint:sha-256 AB:CD', ...data, LANE_LINE)

t.test('tells a line instead of the section', async t => {
  t.equal(withLaneLine(own), told)
  t.equal(midIn(withLaneLine(own)), '0')
  t.equal(fingerprintIn(withLaneLine(own)), 'sha-256 AB:CD')
})

t.test('knows the line, and nothing like it', async t => {
  t.ok(hasLaneLine(told))
  t.ok(hasLaneLine(told.replaceAll('\r\n', '\n')))
  for (const line of ['', `${LANE_LINE}x`, 'a=voicechat-frames:', `a=x ${LANE_LINE}`])
    t.notOk(hasLaneLine(sdp(...session, ...data, line)), line)
  t.notOk(hasLaneLine(own))
})

t.test('adds the section, and leaves the rest', async t => {
  const read = withLaneSection(told)
  t.ok(read.startsWith(told))
  t.match(read.slice(told.length), /^m=audio 9 \S+ 107\r\n(.+\r\n)*a=mid:lane\r\n/)
})
