/** What is on the wire between two engines: frames on a voice lane where both are native, else on the data channel. */
import type { PeerConnection } from 'node-datachannel'
import t from 'tap'
import type { Connect, Signal } from '../../../peer/routes/connection.js'
import { loadNative } from '../../../peer/routes/node-native.js'
import { VoiceLane } from '../../../peer/routes/node-voice-lane.js'
import { loadWerift } from '../../../peer/routes/node-werift.js'
import { LANE_LINE, LANE_MID } from '../../../peer/routes/sdp-lane.js'
import { pause, until } from './connection-pair.js'
import { ALL, FRAME_BYTES, FRAMES, wire } from './wire.js'

/** IP and UDP left out; the tag is that of AES-GCM. */
const RTP_BYTES = 12 + FRAME_BYTES + 16
const EMPTY_BYTES = RTP_BYTES - FRAME_BYTES

const load = (name: string, loader: () => Promise<Connect>) =>
  loader().catch((error: Error) => `${name} does not load on this machine: ${error.message}`)
const native = await load('node-datachannel', loadNative)
const werift = await load('werift', loadWerift)

const skipNative = typeof native === 'string' ? native : false
t.test('native and native: on the lane', { skip: skipNative }, async t => {
  if (typeof native === 'string') return
  const { passages, numbers, rtp, rtcp } = await wire(t, [native, native])
  t.same(numbers, [ALL, ALL], 'all frames came, each once')
  t.ok(rtp >= FRAMES, `${rtp} packets of RTP`)
  t.equal(rtcp, 0)
  for (const from of ['a', 'b'] as const) {
    const sent = passages.filter(passage => passage.from === from && passage.payload.length > FRAME_BYTES)
    const onLane = sent.slice(sent.findIndex(({ kind }) => kind === 'rtp')).map(({ kind }) => kind)
    t.same(new Set(onLane), new Set(['rtp']), 'once one has gone by the lane, none goes by the channel')
    const packets = passages.filter(passage => passage.kind === 'rtp' && passage.from === from).map(p => p.payload)
    t.same(
      packets.filter(({ length }) => length !== RTP_BYTES && length !== EMPTY_BYTES).map(({ length }) => length),
      [],
      'two sizes',
    )
    const empty = packets.filter(({ length }) => length === EMPTY_BYTES).length
    t.ok(empty <= 5, `${empty} without a frame`)
    const steps = packets
      .slice(1)
      .map((packet, n) => [
        packet.readUInt16BE(2) - packets[n]!.readUInt16BE(2),
        (packet.readUInt32BE(4) - packets[n]!.readUInt32BE(4)) >>> 0,
      ])
    t.ok(
      steps.every(([sequence, time]) => sequence === 1 && time === 960),
      'numbers go up by one packet and one frame',
    )
    const rest = packets.map(packet => packet.toString('hex', 0, 2) + packet.toString('hex', 8, 12))
    t.equal(new Set(rest).size, 1, 'nothing else in the header ever changes')
  }
})

t.test('native and native: what is too long for a packet comes all the same', { skip: skipNative }, async t => {
  if (typeof native === 'string') return
  const { numbers, rtp, dtls } = await wire(t, [native, native], { sizes: n => (n % 2 ? 1201 : 1200) })
  t.same(numbers, [ALL, ALL])
  t.ok(rtp >= FRAMES - 10 && dtls >= FRAMES, `${rtp} packets of RTP, ${dtls} of DTLS`)
})

const without = (signal: Signal): Signal => ({ ...signal, text: signal.text.replace(`${LANE_LINE}\r\n`, '') })
t.test('whatever comes on the lane but a packet of ours is passed over', { skip: skipNative }, async t => {
  const library = await import('node-datachannel')
  const [here, there] = ['here', 'there'].map(
    name => new library.PeerConnection(name, { iceServers: [], disableAutoNegotiation: true }),
  ) as [PeerConnection, PeerConnection]
  const connections = [here, there]
  t.teardown(() => connections.map(connection => connection.close()))
  const came: string[] = []
  let heard = 0
  const lane = new VoiceLane(
    library,
    here,
    () => heard++,
    frame => came.push(Buffer.from(frame).toString('hex')),
  )
  const audio = new library.Audio(LANE_MID, 'SendRecv')
  audio.addAudioCodec(107, 'anything')
  const track = there.addTrack(audio)
  track.onMessage(() => {})
  track.onClosed(() => setImmediate(() => track.close()))
  here.onLocalDescription((sdp, type) => {
    there.setRemoteDescription(sdp, type)
    there.setLocalDescription('answer')
  })
  there.onLocalDescription((sdp, type) => here.setRemoteDescription(sdp, type))
  there.onLocalCandidate((text, mid) => here.addRemoteCandidate(text, mid))
  here.setLocalDescription('offer')
  t.notOk(lane.send(Uint8Array.of(1)), 'it is not open')
  t.ok(await until(() => track.isOpen()))
  let sequence = 0
  const packet = (first: number, second: number, ...rest: number[]) =>
    track.sendMessageBinary(Buffer.of(first, second, 0, ++sequence, 0, 0, 0, 0, 1, 2, 3, 4, ...rest))
  packet(0x80, 111, 1)
  packet(0x80, 107 | 0x80, 2)
  packet(0x81, 107, 1, 2, 3, 4, 3)
  // RTCP: a receiver's report, one that lies about its length, and a farewell.
  for (const bytes of [
    [0x80, 201, 0, 1, 1, 2, 3, 4],
    [0x9f, 201, 255, 255, 1, 2, 3, 4],
    [0x81, 203, 0, 1, 1, 2, 3, 4],
  ])
    track.sendMessageBinary(Buffer.from(bytes))
  await pause(50)
  t.notOk(lane.send(Uint8Array.of(1)), 'nobody was heard')
  t.equal(heard, 0)
  packet(0x80, 107)
  packet(0x80, 107, 0xaa, 0xbb)
  t.ok(await until(() => came.length > 0))
  t.same(came, ['aabb'])
  t.equal(heard, 1, 'told once')
  t.ok(lane.send(Uint8Array.of(1)))
})

const changes: readonly (readonly [string, (signal: Signal) => Signal])[] = [
  ['the offer has lost the line', signal => (signal.kind === 'offer' ? without(signal) : signal)],
  ['the answer has lost the line', signal => (signal.kind === 'answer' ? without(signal) : signal)],
  [
    'only the answer has the line',
    signal =>
      signal.kind === 'offer'
        ? without(signal)
        : signal.kind === 'answer'
          ? { ...signal, text: `${signal.text}${LANE_LINE}\r\n` }
          : signal,
  ],
]
for (const [name, change] of changes)
  t.test(`native and native, ${name}: on the channel`, { skip: skipNative }, async t => {
    if (typeof native === 'string') return
    const { numbers, rtp, dtls, passages } = await wire(t, [native, native], { change })
    t.same(numbers, [ALL, ALL], 'all frames came, each once')
    t.ok(dtls >= 2 * FRAMES, `${dtls} packets of DTLS, ${rtp} of RTP`)
    const frames = passages.filter(({ kind, payload }) => kind === 'rtp' && payload.length > EMPTY_BYTES)
    t.equal(frames.length, 0, 'no frame as RTP')
    t.ok(rtp < FRAMES, `${rtp} calls to another lane`)
  })

for (const [name, a, b] of [
  ['native and werift', native, werift],
  ['werift and native', werift, native],
] as const) {
  const missing = [a, b].find(engine => typeof engine === 'string')
  t.test(`${name}: on the channel`, { skip: missing ?? false }, async t => {
    if (typeof a === 'string' || typeof b === 'string') return
    const { numbers, rtp, rtcp, dtls } = await wire(t, [a, b])
    t.same(numbers, [ALL, ALL], 'all frames came, each once')
    t.ok(dtls >= 2 * FRAMES, `${dtls} packets of DTLS`)
    t.same([rtp, rtcp], [0, 0])
  })
}
