import t from 'tap'
import { Ring } from '../../../peer/audio/ring.js'
import { Transmitter } from '../../../peer/audio/transmitter.js'
import { type VoicePacket, voiceBytes } from '../../../protocol/packet.js'
import { matchAll } from '../match-all.js'

type Sent = readonly VoicePacket[] | null

function transmitter(slots = 16) {
  const ring = Ring.create({ slots })
  const sent: Sent[] = []
  const it = new Transmitter(ring, packets => sent.push(packets))
  const say = (...frames: readonly (readonly [at: number, bytes: number])[]) => {
    for (const [at, bytes] of frames) ring.push(at, new Uint8Array(bytes).fill(at))
    it.drain()
  }
  return { ring, sent, say, transmitter: it }
}

/** The moments of each packet's blocks. */
const moments = (sent: readonly Sent[]) => sent.map(packets => packets?.map(p => p.blocks.map(({ at }) => at)) ?? null)

t.test('sends all that waits, in order, and no more', async t => {
  const { ring, sent, transmitter: it } = transmitter()
  for (const at of [5, 6, 7]) ring.push(at, Uint8Array.of(at, at))
  it.drain()
  it.drain()
  t.same(
    sent,
    [5, 6, 7].map(at => [{ kind: 'voice', blocks: [{ at, opus: Uint8Array.of(at, at) }] }]),
  )
})

t.test('has no packet for a moment without voice', async t => {
  const { sent, say } = transmitter()
  say([1, 1], [2, 0], [3, 1])
  t.same(moments(sent), [[[1]], [], [[3]]])
})

t.test('packets stay what they were while the recorder goes on', async t => {
  const { ring, sent, transmitter: it } = transmitter(8)
  ring.push(0, Uint8Array.of(1, 2, 3))
  it.drain()
  for (let at = 1; at < 30; at++) ring.push(at, Uint8Array.of(9, 9, 9))
  t.match(sent[0], [{ blocks: [{ opus: Uint8Array.of(1, 2, 3) }] }])
})

t.test('forgets what was said before', async t => {
  const { ring, sent, say, transmitter: it } = transmitter()
  it.pack({ together: 1, repeats: [1], room: 100 })
  say([0, 1])
  ring.push(1, Uint8Array.of(1))
  it.discard()
  it.drain()
  t.equal(sent.length, 1)
  say([2, 1])
  t.same(moments(sent), [[[0]], [[2]]])
})

t.test('repeats the frames before, as far as they were voice', async t => {
  const { sent, say, transmitter: it } = transmitter()
  it.pack({ together: 1, repeats: [1, 2], room: 200 })
  say([0, 60], [1, 60], [2, 60], [3, 0], [4, 60], [5, 60])
  t.same(moments(sent), [[[0]], [[1, 0]], [[2, 1, 0]], [], [[4, 2]], [[5, 4]]])
  matchAll(t, sent.at(-1)![0]!.blocks, [{ opus: new Uint8Array(60).fill(5) }, { opus: new Uint8Array(60).fill(4) }])
})

t.test('repeats across the end of the count', async t => {
  const { sent, say, transmitter: it } = transmitter()
  it.pack({ together: 1, repeats: [1], room: 200 })
  say([0xffffffff, 9], [0, 9])
  t.same(moments(sent), [[[0xffffffff]], [[0, 0xffffffff]]])
})

t.test('puts several frames into a packet, each only once, and says when it is not time yet', async t => {
  const { sent, say, transmitter: it } = transmitter()
  it.pack({ together: 3, repeats: [], room: 98 })
  say([0, 28], [1, 28], [2, 28], [3, 28], [4, 0], [5, 28], [6, 0], [7, 0], [8, 0])
  t.same(moments(sent), [null, null, [[2, 1, 0]], null, null, [[5, 3]], null, null, []])
})

t.test('what waits for its packet is not sent any more once the microphone is muted', async t => {
  const { sent, say, transmitter: it } = transmitter()
  it.pack({ together: 3, repeats: [], room: 98 })
  say([0, 28], [1, 28])
  it.mute()
  say([2, 0], [3, 28], [4, 28], [5, 28])
  t.same(moments(sent), [null, null, [], null, null, [[5, 4, 3]]])
})

t.test('never makes a packet too long, and loses nothing where the frames are still the old ones', async t => {
  const { sent, say, transmitter: it } = transmitter()
  it.pack({ together: 2, repeats: [1, 2], room: 98 })
  say([0, 80], [1, 80], [2, 80], [3, 40], [4, 40], [5, 40])
  t.same(moments(sent), [null, [[0], [1]], null, [[2], [3, 1].slice(0, 1)], null, [[5, 4]]])
  for (const packet of sent.flatMap(packets => packets ?? [])) t.ok(voiceBytes(packet.blocks) <= 98)
})

t.test('loses nothing when fewer frames go together from now on', async t => {
  const { sent, say, transmitter: it } = transmitter()
  it.pack({ together: 3, repeats: [], room: 98 })
  say([0, 28])
  it.pack({ together: 1, repeats: [], room: 98 })
  say([1, 28])
  t.same(moments(sent), [null, [[1, 0]]])
})
