import t from 'tap'
import { Epoch } from '../../protocol/epoch-chain.js'
import type { CallKeys } from '../../protocol/handshake/handshake.js'
import { encodePacket, type Packet, type ProbePacket, type VoicePacket } from '../../protocol/packet.js'
import { FRAME_BYTES, type FrameSize, Opener, packetRoom, SEALED_BYTES, Sealer } from '../../protocol/sealing.js'
import { decodeSframeHeader, sframeHeaderSize } from '../../protocol/sframe.js'
import { callKeys } from './handshake/pair.js'
import { hex, seeded } from './seeded.js'

const master = callKeys()
const random = seeded('sealing')

/** Fresh copies of one call's keys: sealers and openers take theirs over. */
const keysOf = (side: 'a' | 'b'): CallKeys => structuredClone(master[side])
const line = (framesPerEpoch?: number) => {
  const options = framesPerEpoch === undefined ? {} : { framesPerEpoch }
  return { sealer: new Sealer(keysOf('a'), options), opener: new Opener(keysOf('b'), options) }
}
const voice = (at: number): VoicePacket => ({ kind: 'voice', blocks: [{ at, opus: random(80) }] })
const probe = (n: number): ProbePacket => ({ kind: 'probe', generation: 1, n: n & 255, answer: false })
const nameOf = (opener: Opener, bytes: Uint8Array) => {
  const opened = opener.open(bytes)
  return opened.ok ? (opened.value.fresh ? 'fresh' : 'stale') : opened.error.name
}

t.test('opens on the other side what one side sealed, in both directions', async t => {
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const sealer = new Sealer(keysOf(from))
    const opener = new Opener(keysOf(to))
    const packet = voice(3)
    t.strictSame(opener.open(sealer.seal(packet)), {
      ok: true,
      value: { packet, stream: 'media', fresh: true, order: 0 },
    })
    const bye: Packet = { kind: 'bye', reason: 'hungUp', answer: false }
    t.match(opener.open(sealer.seal(bye)), { ok: true, value: { packet: bye, stream: 'control', order: 0 } })
    t.match(opener.open(sealer.seal(bye)), { ok: true, value: { packet: bye, stream: 'control', order: 1 } })
  }
})

t.test('keeps one size, whatever the packet, the counter and the epoch, and never repeats a header', async t => {
  const sealer = new Sealer(keysOf('a'), { framesPerEpoch: 300 })
  const seen = new Set<string>()
  const headers = new Set<number>()
  for (let i = 0; i < 900; i++) {
    for (const packet of [voice(i), probe(i)]) {
      const frame = sealer.seal(packet)
      if (frame.length !== SEALED_BYTES) return t.fail(`frame ${i}: ${frame.length} bytes`)
      const header = decodeSframeHeader(frame)
      if (!header.ok) return t.fail('header')
      headers.add(header.value.size)
      seen.add(`${header.value.kid} ${header.value.counter}`)
    }
  }
  t.strictSame([...headers].sort(), [1, 2, 3, 4], 'the header grew, the frame did not')
  t.equal(seen.size, 1800)
})

t.test('pads to each of the sizes, and opens no other', async t => {
  const { sealer, opener } = line()
  for (const size of ['single', 'double', 'triple', 'single'] as const) {
    const frame = sealer.seal(voice(0), size)
    t.equal(frame.length, FRAME_BYTES[size])
    t.match(opener.open(frame), { ok: true, value: { fresh: true } })
    for (const other of [frame.subarray(1), Uint8Array.of(...frame, 0)])
      t.match(opener.open(other), { ok: false, error: { name: 'wrongSize' } })
  }
})

t.test('holds so much in each size, however long the call', async t => {
  const { sealer, opener } = line(2)
  const rest = (size: FrameSize) => random(packetRoom(size) - 8)
  for (let n = 0; n < 700; n++) {
    const size = (['single', 'double', 'triple'] as const)[n % 3]!
    const packet: Packet = { kind: 'voice', blocks: [{ at: n, opus: rest(size) }] }
    if (!opener.open(sealer.seal(packet, size)).ok) return t.fail(`frame ${n}`)
  }
})

t.test('leaves nothing of a long packet behind in the short one after it', async t => {
  const { sealer, opener } = line()
  for (const opus of [80, 3, 80, 1].map(random)) {
    const packet: VoicePacket = { kind: 'voice', blocks: [{ at: 1, opus }] }
    t.match(opener.open(sealer.seal(packet)), { ok: true, value: { packet } })
  }
})

t.test('throws on a packet that does not fit, and uses up no counter by it', async t => {
  const { sealer, opener } = line()
  t.throws(() => sealer.seal({ kind: 'voice', blocks: [{ at: 0, opus: random(120) }] }), RangeError)
  t.match(opener.open(sealer.seal(voice(0))), { ok: true, value: { order: 0 } })
})

t.test('shows nothing of the voice: no part of it is found in a frame', async t => {
  const { sealer } = line()
  const packet: VoicePacket = { kind: 'voice', blocks: [{ at: 0, opus: new Uint8Array(80).fill(0x55) }] }
  const [one, two] = [hex(sealer.seal(packet)), hex(sealer.seal(packet))]
  t.notMatch(one, /55555555/)
  t.not(one.slice(2), two.slice(2), 'the same packet twice gives other bytes')
})

t.test('opens a twin, says that it is not fresh, and gives the same order', async t => {
  const { sealer, opener } = line()
  const frame = sealer.seal(voice(1))
  t.match(opener.open(frame), { ok: true, value: { fresh: true, order: 0 } })
  t.match(opener.open(frame), { ok: true, value: { fresh: false, order: 0 } })
})

t.test('calls what is older than 1024 frames stale, on each stream alone', async t => {
  const { sealer, opener } = line()
  const frames = Array.from({ length: 1026 }, (_, i) => sealer.seal(probe(i)))
  t.equal(nameOf(opener, frames[1025]!), 'fresh')
  t.equal(nameOf(opener, frames[0]!), 'stale')
  t.equal(nameOf(opener, frames[1]!), 'stale')
  t.equal(nameOf(opener, frames[2]!), 'fresh')
  t.equal(nameOf(opener, sealer.seal(voice(0))), 'fresh', 'the other stream has a window of its own')
})

t.test('refuses its own frames: reflection', async t => {
  const { sealer } = line()
  const opener = new Opener(keysOf('a'))
  t.equal(nameOf(opener, sealer.seal(voice(0))), 'wrongDirection')
  t.equal(nameOf(opener, sealer.seal(probe(0))), 'wrongDirection')
})

t.test('refuses a frame of another call, and of the same keys with another callId', async t => {
  const { sealer } = line()
  const frame = sealer.seal(voice(0))
  const elsewhere = { ...keysOf('b'), callId: random(16) }
  t.equal(nameOf(new Opener(elsewhere), frame), 'notAuthentic')
})

t.test('refuses a frame with any byte changed, and stays as it was', async t => {
  const { sealer, opener } = line()
  const frame = sealer.seal(voice(0))
  for (let i = 0; i < frame.length; i++) {
    const changed = frame.slice()
    changed[i]! ^= 1 << (i % 8)
    const name = nameOf(opener, changed)
    if (name === 'fresh' || name === 'stale') t.fail(`opened with byte ${i} changed`)
  }
  t.equal(nameOf(opener, frame), 'fresh')
})

t.test('takes a media frame for no control frame: the stream is part of the key', async t => {
  const { sealer, opener } = line()
  const frame = sealer.seal(voice(0))
  frame[0]! ^= 0x20
  t.equal(nameOf(opener, frame), 'notAuthentic')
})

t.test('does not open with the keys of the other stream', async t => {
  const { chains } = keysOf('a')
  const swapped = { ...keysOf('a'), chains: { media: chains.control, control: chains.media } }
  t.equal(nameOf(new Opener(keysOf('b')), new Sealer(swapped).seal(voice(0))), 'notAuthentic')
})

t.test('refuses an authentic frame whose packet is unknown or on the wrong stream', async t => {
  const sealRaw = (stream: 'media' | 'control', packet: Uint8Array) => {
    const padded = new Uint8Array(SEALED_BYTES - 1 - 16)
    padded.set(packet)
    const epoch = new Epoch(keysOf('a').chains[stream].send, stream === 'media' ? 0 : 2, 0)
    return epoch.key.seal(0n, padded, master.a.callId)
  }
  for (const [stream, packet] of [
    ['control', encodePacket(voice(0))],
    ['media', encodePacket(probe(0))],
    ['control', Uint8Array.of(99)],
    ['control', Uint8Array.of()],
  ] as const)
    t.equal(nameOf(new Opener(keysOf('b')), sealRaw(stream, packet)), 'badPacket')
})

t.test('refuses a forged far epoch, and derives nothing that would hurt for a near one', async t => {
  const { opener, sealer } = line()
  // One KID byte: epoch 5, media, a to b. Up to four epochs ahead are tried and do not open.
  const forged = (epoch: number) => Uint8Array.of(0x80, epoch * 4, ...random(SEALED_BYTES - 2))
  t.equal(nameOf(opener, forged(4)), 'notAuthentic')
  t.equal(nameOf(opener, forged(5)), 'epochTooFar')
  t.equal(nameOf(opener, forged(63)), 'epochTooFar')
  const huge = Uint8Array.of(0xf0, ...new Uint8Array(7).fill(0xff), 0xfc, ...random(SEALED_BYTES - 9))
  t.equal(nameOf(opener, huge), 'epochTooFar')
  t.equal(nameOf(opener, sealer.seal(voice(0))), 'fresh', 'the forgeries moved nothing')
})

t.test('refuses a counter beyond the end of its epoch, even if it was sealed with the right key', async t => {
  const sealAt = (counter: bigint) => {
    const epoch = new Epoch(keysOf('a').chains.control.send, 2, 0)
    const padded = new Uint8Array(SEALED_BYTES - sframeHeaderSize(epoch.key.kid, counter) - 16)
    padded.set(encodePacket(probe(0)))
    return epoch.key.seal(counter, padded, master.a.callId)
  }
  const { opener } = line(256)
  t.equal(nameOf(opener, sealAt(255n)), 'fresh')
  t.equal(nameOf(opener, sealAt(256n)), 'badFrame')
  t.equal(nameOf(opener, sealAt((1n << 64n) - 1n)), 'badFrame')
})

t.test('follows four epochs ahead, not five', async t => {
  for (const [lost, name] of [
    [4, 'fresh'],
    [5, 'epochTooFar'],
  ] as const) {
    const { sealer, opener } = line(256)
    for (let i = 0; i < 256 * lost; i++) sealer.seal(probe(i))
    t.equal(nameOf(opener, sealer.seal(probe(0))), name)
  }
})

t.test('keeps the epoch before for late frames, and no older one', async t => {
  const { sealer, opener } = line(256)
  const frames = Array.from({ length: 3 * 256 }, (_, i) => sealer.seal(probe(i)))
  t.equal(nameOf(opener, frames[0]!), 'fresh')
  t.equal(nameOf(opener, frames[256]!), 'fresh')
  t.equal(nameOf(opener, frames[1]!), 'fresh', 'late, of the epoch before')
  t.equal(nameOf(opener, frames[0]!), 'stale', 'whose window is still there')
  t.equal(nameOf(opener, frames[512]!), 'fresh')
  t.equal(nameOf(opener, frames[2]!), 'epochGone')
  t.equal(nameOf(opener, frames[257]!), 'fresh')
})

t.test('keeps the epoch before also when the change to it was lost', async t => {
  const { sealer, opener } = line(256)
  const frames = Array.from({ length: 3 * 256 }, (_, i) => sealer.seal(probe(i)))
  t.equal(nameOf(opener, frames[512]!), 'fresh')
  t.equal(nameOf(opener, frames[511]!), 'fresh')
  t.equal(nameOf(opener, frames[0]!), 'epochGone')
})

t.test('runs through many epochs both ways with loss, reordering and twins', async t => {
  const options = { framesPerEpoch: 2 ** 8 }
  const [a, b] = [keysOf('a'), keysOf('b')]
  const ends = [
    { sealer: new Sealer(a, options), opener: new Opener(b, options) },
    { sealer: new Sealer(b, options), opener: new Opener(a, options) },
  ]
  const dice = seeded('network')
  for (const { sealer, opener } of ends) {
    const arrivals: { at: number; order: number; frame: Uint8Array }[] = []
    const total = 2000
    for (let order = 0; order < total; order++) {
      const [lost, late, twin] = dice(3) as unknown as [number, number, number]
      const frame = sealer.seal(order % 2 ? voice(order) : probe(order))
      if (lost < 50) continue
      arrivals.push({ at: order + (late % 60), order: order >>> 1, frame })
      if (twin < 100) arrivals.push({ at: order + (twin % 60), order: order >>> 1, frame })
    }
    const fresh = { media: new Set<number>(), control: new Set<number>() }
    for (const { frame, order } of arrivals.sort((x, y) => x.at - y.at)) {
      const opened = opener.open(frame)
      if (!opened.ok) return t.fail(opened.error.name)
      if (opened.value.order !== order) return t.fail(`order ${opened.value.order}, sent as ${order}`)
      const before = fresh[opened.value.stream]
      if (opened.value.fresh === before.has(order)) return t.fail(`frame ${order}: fresh ${opened.value.fresh}`)
      before.add(order)
    }
    const different = new Set(arrivals.map(({ frame }) => frame)).size
    t.equal(fresh.media.size + fresh.control.size, different)
    t.ok(different > 1400 && different < 1800, `${different} of ${total} came`)
  }
})

t.test('gives a named error for random bytes of any length', async t => {
  const { opener } = line()
  const names = new Set<string>()
  for (let i = 0; i < 1500; i++) names.add(nameOf(opener, random(i % 3 ? SEALED_BYTES : i % 300)))
  t.notOk(names.has('fresh') || names.has('stale'))
  for (const name of ['wrongSize', 'wrongDirection', 'notAuthentic', 'epochTooFar', 'badFrame'])
    t.ok(names.has(name), name)
})

t.test('refuses a second sealer or opener on the same keys, and leaves no chain behind', async t => {
  const keys = keysOf('a')
  new Sealer(keys)
  t.throws(() => new Sealer(keys), /in use/)
  new Opener(keys)
  t.throws(() => new Opener(keys), /in use/)
  for (const pair of [keys.chains.media, keys.chains.control])
    t.strictSame([hex(pair.send), hex(pair.receive)], ['00'.repeat(64), '00'.repeat(64)])
})
