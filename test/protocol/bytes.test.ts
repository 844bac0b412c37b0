import t from 'tap'
import { concat, equalBytes, fromBase64url, toBase64url, utf8 } from '../../protocol/bytes.js'
import { hex, unhex } from './seeded.js'

t.test('concat puts byte strings one behind the other', async t => {
  t.equal(hex(concat(unhex('0102'), unhex(''), unhex('03'))), '010203')
  t.equal(concat().length, 0)
})

t.test('equalBytes tells byte strings apart by length and by each byte', async t => {
  const bytes = unhex('00112233')
  t.ok(equalBytes(bytes, unhex('00112233')))
  t.notOk(equalBytes(bytes, unhex('001122')))
  for (let i = 0; i < 4; i++) {
    const other = bytes.slice()
    other[i]! ^= 0x80
    t.notOk(equalBytes(bytes, other))
  }
})

t.test('utf8 encodes beyond ASCII', async t => {
  t.equal(hex(utf8('é€')), 'c3a9e282ac')
})

t.test('base64url carries the vectors of RFC 4648, section 10, without padding', async t => {
  const vectors = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE', foobar: 'Zm9vYmFy' }
  for (const [plain, encoded] of Object.entries(vectors)) {
    t.equal(toBase64url(utf8(plain)), encoded)
    t.strictSame(fromBase64url(encoded), utf8(plain))
  }
  t.equal(toBase64url(unhex('fbff')), '-_8')
})

t.test('fromBase64url gives null for what toBase64url never writes', async t => {
  for (const text of ['Zg==', 'Z', 'Zh', 'Zm9=', 'Z g', '+/8', 'Zg\n', 'é', 'Zm9vY'])
    t.equal(fromBase64url(text), null, text)
})
