import t from 'tap'
import { decodeNegotiation, encodeNegotiation, isNewer, type Negotiation } from '../../protocol/negotiation.js'
import { hex, seeded } from './seeded.js'

const MESSAGES: readonly Negotiation[] = [
  { kind: 'want', generation: 0, text: '' },
  { kind: 'offer', generation: 65535, text: 'v=0\r\n' },
  { kind: 'answer', generation: 258, text: '\ufeffgrüße 🎧' },
  { kind: 'candidate', generation: 1, text: 'candidate:1 1 UDP 1 192.0.2.1 9 typ host' },
  { kind: 'end', generation: 7, text: '' },
]

t.test('reads back what it wrote', async t => {
  for (const message of MESSAGES)
    t.strictSame(decodeNegotiation(encodeNegotiation(message)), { ok: true, value: message })
  t.equal(hex(encodeNegotiation({ kind: 'answer', generation: 258, text: 'é' })), '030102c3a9')
})

t.test('refuses what is no message of it', async t => {
  const bad = [[], [1], [1, 0], [0, 0, 1], [6, 0, 1, 65], [2, 0, 1], [5, 0, 1, 65], [2, 0, 1, 0xff], [4, 0, 1, 0xc3]]
  for (const bytes of bad)
    t.match(decodeNegotiation(Uint8Array.from(bytes)), { ok: false, error: { name: 'badNegotiation' } })
})

t.test('never throws on noise', async t => {
  const random = seeded('negotiation')
  for (let i = 0; i < 2_000; i++) decodeNegotiation(random(i % 50))
  t.pass('2,000 inputs')
})

t.test('tells the newer generation, also where the numbers wrap', async t => {
  for (const [a, b] of [
    [1, 0],
    [0, 65535],
    [5, 65530],
    [32767, 0],
  ] as const) {
    t.ok(isNewer(a, b), `${a} after ${b}`)
    t.notOk(isNewer(b, a))
  }
  t.notOk(isNewer(4, 4))
})
