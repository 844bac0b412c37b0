import t from 'tap'
import { Ring } from '../../../peer/audio/ring.js'
import { Transmitter } from '../../../peer/audio/transmitter.js'
import type { VoicePacket } from '../../../protocol/packet.js'
import { matchAll } from '../match-all.js'

function transmitter() {
  const ring = Ring.create({ slots: 8 })
  const sent: (VoicePacket | null)[] = []
  return { ring, sent, transmitter: new Transmitter(ring, packet => sent.push(packet)) }
}

t.test('sends all that waits, in order, and no more', async t => {
  const { ring, sent, transmitter: it } = transmitter()
  for (const at of [5, 6, 7]) ring.push(at, Uint8Array.of(at, at))
  it.drain()
  it.drain()
  t.same(
    sent,
    [5, 6, 7].map(at => ({ kind: 'voice', blocks: [{ at, opus: Uint8Array.of(at, at) }] })),
  )
})

t.test('says null for a moment without voice', async t => {
  const { ring, sent, transmitter: it } = transmitter()
  ring.push(1, Uint8Array.of(1))
  ring.push(2, new Uint8Array(0))
  ring.push(3, Uint8Array.of(3))
  it.drain()
  matchAll(t, sent, [{ blocks: [{ at: 1 }] }, null, { blocks: [{ at: 3 }] }])
})

t.test('packets stay what they were while the recorder goes on', async t => {
  const { ring, sent, transmitter: it } = transmitter()
  ring.push(0, Uint8Array.of(1, 2, 3))
  it.drain()
  for (let at = 1; at < 30; at++) ring.push(at, Uint8Array.of(9, 9, 9))
  t.match(sent[0], { blocks: [{ opus: Uint8Array.of(1, 2, 3) }] })
})

t.test('forgets what was said before', async t => {
  const { ring, sent, transmitter: it } = transmitter()
  ring.push(0, Uint8Array.of(1))
  ring.push(1, new Uint8Array(0))
  it.discard()
  it.drain()
  t.same(sent, [])
  ring.push(2, Uint8Array.of(2))
  it.drain()
  matchAll(t, sent, [{ blocks: [{ at: 2 }] }])
})
