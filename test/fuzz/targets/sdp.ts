/** What the other side says of its engine: sealed, so only from it, but it may be malicious. */
import { RemoteEnd } from '../../../peer/routes/remote-end.js'
import { bareCandidate, fingerprintIn, isCandidate, isHost, midIn, offerAsClient } from '../../../peer/routes/sdp.js'
import { hasLaneLine, LANE_LINE, withLaneSection } from '../../../peer/routes/sdp-lane.js'
import { holds, type Target } from '../target.js'

const description = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=mid:data',
  'a=setup:actpass',
  'a=ice-ufrag:abcd',
  'a=fingerprint:sha-256 AB:CD:EF:01',
  'a=sctp-port:5000',
  '',
].join('\r\n')
const candidate = 'candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host'

export const target: Target = {
  files: ['peer/routes/sdp.js', 'peer/routes/sdp-lane.js', 'peer/routes/remote-end.js'],
  maxBytes: 8 * 1024,
  samples: [
    `${description}\0${candidate}`,
    `v=0\n\0${candidate}`,
    `${description}\0a=candidate:f 1 UDP 1 x.local 9 typ srflx raddr 0.0.0.0 rport 0`,
    `${description}\0${description}\0candidate:1 2 tcp 9 ::1 9 typ relay`,
    `${description}${LANE_LINE}\r\n\0${candidate}`,
  ].map(text => Buffer.from(text)),
  words: [
    ...description.split('\r\n'),
    LANE_LINE,
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' typ host',
    'a=candidate:',
    candidate,
    '\u2028',
    ' ',
  ],
  run(input) {
    const [offer = '', ...texts] = new TextDecoder().decode(input).split('\0')
    const asClient = offerAsClient(offer)
    holds(asClient === offer || asClient.length === offer.length - 1, 'changes one word of an offer at most')
    holds(!/\s/.test(midIn(offer)), 'the name of a section is one word')
    const fingerprint = fingerprintIn(offer)
    if (fingerprint !== null) holds(/^\S+ [0-9A-F:]+$/.test(fingerprint), 'a fingerprint has one form')
    const end = new RemoteEnd(false)
    const words = new Set<string>()
    if (hasLaneLine(offer)) {
      words.add('lane')
      holds(fingerprintIn(withLaneSection(offer)) === fingerprint, 'the lane changes nobody')
    }
    for (const [kind, text] of [
      ['offer', offer] as const,
      ...texts.slice(0, 40).map(text => ['candidate', text] as const),
    ]) {
      try {
        if (!end.takes({ kind, text })) continue
      } catch (error) {
        holds(
          kind === 'offer' && fingerprint === null && error instanceof Error,
          'throws where the fingerprint is missing',
        )
        continue
      }
      words.add(kind)
      if (kind !== 'candidate') continue
      holds(isCandidate(text) && end.fingerprint === fingerprint, 'takes candidates of the end that it knows')
      // A line more would be another candidate's, or a description's.
      holds(!/[\r\n]/.test(text), 'a candidate is one line')
      holds(bareCandidate(`a=${text}`) === text, 'puts no candidate differently')
      words.add(isHost(text) ? 'host' : 'other')
    }
    return [...words].sort().join(' ')
  },
}
