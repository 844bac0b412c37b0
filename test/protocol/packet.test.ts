import t from 'tap'
import {
  decodePacket,
  encodePacket,
  MAX_BLOCKS,
  MAX_PIECE_BYTES,
  type Packet,
  type StatusPacket,
  type VoiceBlock,
} from '../../protocol/packet.js'
import { hex, seeded, unhex } from './seeded.js'

const random = seeded('packet')
const block = (at: number, length = 4): VoiceBlock => ({ at, opus: random(length) })
const padded = (bytes: Uint8Array, length = 110) => {
  const out = new Uint8Array(length)
  out.set(bytes)
  return out
}
const status: StatusPacket = {
  kind: 'status',
  muted: true,
  doubt: false,
  hears: true,
  recording: false,
  wants: 'relay',
  sentAt: 0xfffffffe,
  echo: 17,
  held: 65535,
  lost: 12,
  jitter: 3,
  buffer: 60,
  burst: 13,
  late: 300,
}

const PACKETS: readonly Packet[] = [
  { kind: 'voice', blocks: [block(0, 80)] },
  { kind: 'voice', blocks: [block(1000), block(998), block(745)] },
  { kind: 'voice', blocks: [block(1), block(0xffffffff)] },
  { kind: 'voice', blocks: [block(7, 0)] },
  { kind: 'voice', blocks: Array.from({ length: MAX_BLOCKS }, (_, i) => block(100 - i)) },
  status,
  { ...status, muted: false, doubt: true, hears: false, wants: 'auto' },
  { ...status, wants: 'direct', recording: true },
  { kind: 'bye', reason: 'hungUp', answer: false },
  { kind: 'bye', reason: 'noRoute', answer: true },
  { kind: 'bye', reason: 'failed', answer: false },
  { kind: 'bye', reason: 'vanished', answer: false },
  { kind: 'probe', generation: 65535, n: 255, answer: true },
  { kind: 'probe', generation: 0, n: 0, answer: false },
  { kind: 'ordered', seq: 0xffffffff, acked: 7, early: 0x8001, last: true, data: random(MAX_PIECE_BYTES) },
  { kind: 'ordered', seq: 0, acked: 0, early: 0, last: false, data: new Uint8Array(0) },
]

t.test('reads back each packet that it wrote, padded or not', async t => {
  for (const packet of PACKETS) {
    const bytes = encodePacket(packet)
    t.strictSame(decodePacket(bytes), { ok: true, value: packet })
    t.strictSame(decodePacket(padded(bytes)), { ok: true, value: packet })
  }
})

t.test('writes the bytes that the specification shows', async t => {
  const opus = unhex('aabb')
  t.equal(hex(encodePacket({ kind: 'voice', blocks: [{ at: 258, opus }] })), '01000001020100' + '02aabb')
  t.equal(hex(encodePacket(status)), '020502fffffffe00000011ffff000c0003003c0d012c')
  t.equal(hex(encodePacket({ kind: 'bye', reason: 'failed', answer: true })), '030201')
  t.equal(hex(encodePacket({ kind: 'probe', generation: 258, n: 3, answer: false })), '0401020300')
  const data = unhex('0a0b')
  t.equal(
    hex(encodePacket({ kind: 'ordered', seq: 258, acked: 3, early: 5, last: true, data })),
    '060000010200000003000501020a0b',
  )
})

t.test('rounds and limits the figures of a status', async t => {
  const figures = { held: 70_000, lost: -3, jitter: 2.6, sentAt: 2 ** 32 + 5, burst: 300, late: 0.4 }
  const read = decodePacket(encodePacket({ ...status, ...figures }))
  t.match(read, { ok: true, value: { held: 65535, lost: 0, jitter: 3, sentAt: 5, burst: 255, late: 0 } })
})

t.test('throws on what no packet holds', async t => {
  const bad: VoiceBlock[][] = [
    [],
    Array.from({ length: MAX_BLOCKS + 1 }, (_, i) => block(100 - i)),
    [block(1000), block(744)],
    [block(1000), block(1001)],
    [block(0, 256)],
  ]
  const data = random(MAX_PIECE_BYTES + 1)
  t.throws(() => encodePacket({ kind: 'ordered', seq: 0, acked: 0, early: 0, last: true, data }), RangeError)
  for (const blocks of bad) t.throws(() => encodePacket({ kind: 'voice', blocks }), RangeError)
})

t.test('refuses each packet cut at any length', async t => {
  for (const packet of PACKETS) {
    const bytes = encodePacket(packet)
    for (let length = 0; length < bytes.length; length++)
      if (decodePacket(bytes.slice(0, length)).ok) t.fail(`${packet.kind} cut to ${length}`)
  }
})

t.test('refuses padding that is not zeros', async t => {
  for (const packet of PACKETS) {
    const bytes = padded(encodePacket(packet), 200)
    bytes[199] = 1
    t.match(decodePacket(bytes), { ok: false, error: { name: 'badPacket' } })
  }
})

t.test('refuses values that it does not know', async t => {
  const bad = {
    'kind 0': '00',
    'kind 5': '05',
    'the reserved kind 6': '06',
    'status wish': '020503fffffffe00000011ffff000c0003003c0d012c',
    'bye reason': '030401',
    'bye answer': '030202',
    'probe answer': '0401020302',
    'voice without a block': '010000010200',
    'voice with nine blocks': `010000010209${'0000'.repeat(9)}`,
    'voice whose first block is old': '0100000102010102aabb',
  }
  for (const [what, bytes] of Object.entries(bad))
    t.match(decodePacket(unhex(bytes)), { ok: false, error: { name: 'badPacket' } }, what)
})

t.test('a flag of a later version leaves the rest of a status as it is', async t => {
  const bytes = '02f502fffffffe00000011ffff000c0003003c0d012c'
  t.strictSame(decodePacket(unhex(bytes)), { ok: true, value: status })
  t.equal(hex(encodePacket({ ...status, recording: true })), '020d02fffffffe00000011ffff000c0003003c0d012c')
})

t.test('never throws on random bytes', async t => {
  for (let i = 0; i < 5000; i++) {
    const bytes = random(i % 120)
    if (bytes.length) bytes[0]! %= 7
    t.doesNotThrow(() => decodePacket(bytes))
  }
})
