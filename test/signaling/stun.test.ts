import t from 'tap'
import { answerStun } from '../../signaling/stun.js'
import { seeded } from '../protocol/seeded.js'
import {
  attribute,
  bindingRequest,
  sampleIPv4Response,
  sampleIPv6Response,
  sampleRequest,
  withFingerprint,
} from './stun-samples.js'

const XOR_MAPPED_ADDRESS = 0x0020
const FINGERPRINT = 0x8028
const v4 = { address: '192.0.2.1', port: 32853 }
const v6 = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 }
const hex = (bytes: Uint8Array | null | undefined) => bytes && Buffer.from(bytes).toString('hex')

t.test('holds the samples of RFC 5769 as they are, by their own fingerprints', async t => {
  for (const sample of [sampleRequest, sampleIPv4Response, sampleIPv6Response])
    t.same(hex(withFingerprint(sample.subarray(0, -8))), hex(sample))
})

t.test('writes an IPv4 and an IPv6 address as the samples of RFC 5769 do', async t => {
  for (const [from, sample] of [
    [v4, sampleIPv4Response],
    [{ ...v4, address: '::ffff:192.0.2.1' }, sampleIPv4Response],
    [v6, sampleIPv6Response],
  ] as const) {
    const answer = answerStun(bindingRequest(), from)!
    const mapped = attribute(sample, XOR_MAPPED_ADDRESS)!
    t.equal(hex(answer.subarray(20)), hex(mapped), `${from.address}: nothing else in it`)
    t.equal(hex(answer.subarray(0, 20)), `0101${hex(Uint8Array.of(0, mapped.length))}${hex(sample.subarray(4, 20))}`)
  }
})

t.test('puts a fingerprint into its answer when the request had one', async t => {
  const answer = answerStun(withFingerprint(bindingRequest()), v4)!
  t.ok(attribute(answer, FINGERPRINT))
  t.equal(hex(withFingerprint(answer.subarray(0, -8))), hex(answer))
  const broken = withFingerprint(bindingRequest())
  broken[broken.length - 1]! ^= 1
  t.equal(answerStun(broken, v4), null, 'one that does not fit')
})

t.test('answers a request with attributes that say nothing to it', async t => {
  const software: [number, string] = [0x8022, '74657374']
  const username: [number, string] = [0x0006, '61626364']
  t.equal(hex(answerStun(bindingRequest(software, username), v4)), hex(answerStun(bindingRequest(), v4)))
})

t.test('refuses with 420 what must be understood and is not, and names it', async t => {
  const answer = answerStun(bindingRequest([0x0003, '00000006'], [0x8022, ''], [0x7fff, '']), v4)!
  t.equal(hex(answer.subarray(0, 4)), '01110010')
  t.equal(hex(attribute(answer, 0x0009)), '0009000400000414')
  t.equal(hex(attribute(answer, 0x000a)), '000a000400037fff')
  t.equal(attribute(answer, XOR_MAPPED_ADDRESS), null)
  const sample = answerStun(sampleRequest, v4)!
  t.equal(hex(attribute(sample, 0x000a)), '000a000200240000', 'PRIORITY, which is for peers')
  t.equal(hex(withFingerprint(sample.subarray(0, -8))), hex(sample))
})

t.test('says nothing to anything else', async t => {
  const request = bindingRequest()
  const changed = (at: number, value: number) => request.map((byte, i) => (i === at ? value : byte))
  const cases: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['cut off', request.subarray(0, 19)],
    ['a wrong cookie', changed(4, 0x22)],
    ['an indication', changed(1, 0x11)],
    ['a success', sampleIPv4Response],
    ['an error', changed(0, 0x01)],
    ['an Allocate request', changed(1, 0x03)],
    ['not STUN', changed(0, 0x80)],
    ['a length too long', changed(3, 4)],
    ['a length that is no multiple of 4', Uint8Array.of(...changed(3, 2), 0, 0)],
    ['bytes left over', Uint8Array.of(...request, 0, 0, 0, 0)],
    ['an attribute that runs out', Uint8Array.of(...changed(3, 4), 0x80, 0x22, 0, 4)],
    ['a fingerprint of another length', bindingRequest([FINGERPRINT, '0000000000000000'])],
    ['580 bytes', bindingRequest([0x8022, '00'.repeat(556)])],
  ]
  for (const [what, bytes] of cases) t.equal(answerStun(bytes, v4), null, what)
  t.ok(answerStun(bindingRequest([0x8022, '00'.repeat(552)]), v4), '576 bytes')
  for (const from of [
    { ...v4, port: 0 },
    { ...v4, port: 65536 },
    { ...v4, port: 0.5 },
    { ...v4, address: 'host' },
  ])
    for (const bytes of [request, sampleRequest]) t.equal(answerStun(bytes, from), null, JSON.stringify(from))
})

t.test('never throws, and never sends much more than it got, in 100 000 broken requests', async t => {
  const random = seeded('stun')
  const bases = [
    sampleRequest,
    sampleIPv4Response,
    withFingerprint(bindingRequest()),
    bindingRequest([0x0003, '00000006']),
  ]
  let answers = 0
  for (let n = 0; n < 100_000; n++) {
    const [kind, a, b, c, d] = random(5) as unknown as [number, number, number, number, number]
    let bytes = kind < 16 ? random(a * 3) : Uint8Array.from(bases[a % bases.length]!)
    if (kind >= 16) for (let i = 0; i < (kind & 3); i++) bytes[(b + i * c) % bytes.length] = d + i
    if (kind > 240) bytes = bytes.subarray(0, c)
    const answer = answerStun(bytes, kind & 1 ? v4 : v6)
    if (!answer) continue
    answers++
    if (answer.length > bytes.length + 24) t.fail(`${answer.length} bytes for ${bytes.length}`)
  }
  t.ok(answers > 10_000, `${answers} were answered`)
})
