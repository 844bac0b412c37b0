import t from 'tap'
import { concat, utf8 } from '../../protocol/bytes.js'
import { lv, readLv } from '../../protocol/length-value.js'
import { hex, seeded, unhex } from './seeded.js'
import { CPACE_STRINGS } from './vectors/cpace.js'

t.test('writes the byte strings of the CPace draft', async t => {
  t.equal(hex(lv('')), CPACE_STRINGS.lvEmpty)
  t.equal(hex(lv('1234')), CPACE_STRINGS.lv1234)
  t.equal(hex(lv('1234', '5', '', '678')), CPACE_STRINGS.lv1234_5_empty_678)
  t.equal(hex(concat(lv('123', 'PartyA'), lv('234', 'PartyB'))), CPACE_STRINGS.transcript123PartyA234PartyB)
})

t.test('reads back what it wrote, at the lengths where the length grows', async t => {
  const random = seeded('lv')
  for (const length of [0, 1, 127, 128, 129, 16383, 16384]) {
    const fields = [random(length), utf8('x'), new Uint8Array(0)]
    const read = readLv(lv(...fields), 3)
    t.strictSame(read.ok && read.value.map(hex), fields.map(hex), `${length} bytes`)
  }
  t.equal(hex(lv(new Uint8Array(128))).slice(0, 4), '8001')
})

t.test('refuses more fields than were asked for', async t => {
  t.notOk(readLv(lv('a', 'b'), 1).ok)
})

t.test('refuses each form that is cut off, left over or longer than needed', async t => {
  for (const bad of ['01', '80', '8000', '810061', '8100', 'ffffff7f', '8080800100', '0161ff'])
    t.match(readLv(unhex(bad), 9), { ok: false, error: { name: 'badFields' } }, bad)
})

t.test('gives views into the bytes, and never throws on random ones', async t => {
  const random = seeded('noise')
  const bytes = lv('abc')
  const read = readLv(bytes, 1)
  t.equal(read.ok && read.value[0]?.buffer, bytes.buffer)
  for (let i = 0; i < 2000; i++) t.doesNotThrow(() => readLv(random(i % 64), 8))
})
