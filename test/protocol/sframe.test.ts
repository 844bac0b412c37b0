import t from 'tap'
import { concat } from '../../protocol/bytes.js'
import { decodeSframeHeader, encodeSframeHeader, SframeKey, sframeHeaderSize } from '../../protocol/sframe.js'
import { hex, seeded, unhex } from './seeded.js'
import { SFRAME_FRAMES } from './vectors/sframe-frames.js'
import { SFRAME_HEADERS } from './vectors/sframe-headers.js'

t.test('writes and reads the published headers, to 2^64 - 1', async t => {
  t.equal(SFRAME_HEADERS.length, 289)
  const wrong = SFRAME_HEADERS.filter(([kid, counter, encoded]) => {
    const read = decodeSframeHeader(unhex(encoded))
    const [k, c] = [BigInt(kid), BigInt(counter)]
    const same = read.ok && read.value.kid === k && read.value.counter === c && read.value.size === encoded.length / 2
    return !same || hex(encodeSframeHeader(k, c)) !== encoded || sframeHeaderSize(k, c) !== encoded.length / 2
  })
  t.strictSame(wrong, [])
})

t.test('refuses headers that are cut off', async t => {
  for (const [, , encoded] of SFRAME_HEADERS)
    for (let length = 0; length < encoded.length; length += 2)
      if (decodeSframeHeader(unhex(encoded.slice(0, length))).ok) t.fail(`took ${encoded} cut to ${length / 2}`)
  t.match(decodeSframeHeader(new Uint8Array(0)), { ok: false, error: { name: 'badFrame' } })
})

t.test('refuses numbers that are not in their shortest form', async t => {
  for (const header of ['0807', '090001', '8007', '900007', '88070f', 'f8000000000000000900'])
    t.match(decodeSframeHeader(unhex(header)), { ok: false, error: { name: 'badFrame' } }, header)
})

t.test('throws on numbers that no header holds', async t => {
  t.throws(() => encodeSframeHeader(1n << 64n, 0n), RangeError)
  t.throws(() => encodeSframeHeader(0n, -1n), RangeError)
})

for (const vector of SFRAME_FRAMES) {
  t.test(`derives, seals and opens the published frame of cipher suite ${vector.suite}`, async t => {
    const key = new SframeKey(vector.suite, vector.kid, unhex(vector.baseKey))
    t.equal(hex(key.key), vector.key)
    t.equal(hex(key.salt), vector.salt)
    t.equal(hex(key.nonce(vector.counter)), vector.nonce)
    const metadata = unhex(vector.metadata)
    t.equal(hex(key.seal(vector.counter, unhex(vector.plaintext), metadata)), vector.frame)
    const frame = unhex(vector.frame)
    const header = decodeSframeHeader(frame)
    if (!header.ok) return t.fail('header')
    t.equal(hex(key.open(header.value, frame, metadata)!), vector.plaintext)
    t.equal(key.open(header.value, frame, concat(metadata, unhex('00'))), null, 'other metadata')
    t.equal(key.open(header.value, frame.subarray(0, header.value.size + 15), metadata), null, 'no room for the tag')
    t.equal(
      new SframeKey(vector.suite, 1n, unhex(vector.baseKey)).open(header.value, frame, metadata),
      null,
      'other KID',
    )
    for (let i = 0; i < frame.length; i++) {
      const changed = frame.slice()
      changed[i]! ^= 1
      const read = decodeSframeHeader(changed)
      if (read.ok && key.open(read.value, changed, metadata)) t.fail(`opened with byte ${i} changed`)
    }
  })
}

t.test('gives each counter a nonce of its own, across the byte borders', async t => {
  const key = new SframeKey(5, 0n, seeded('nonce')(32))
  const counters = [0n, 1n, 7n, 8n, 255n, 256n, 65535n, 65536n, (1n << 32n) - 1n, 1n << 32n, (1n << 64n) - 1n]
  t.equal(new Set(counters.map(counter => hex(key.nonce(counter)))).size, counters.length)
})
