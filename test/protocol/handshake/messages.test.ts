import t from 'tap'
import { parseM1, parseM2, parseM3, parseM4 } from '../../../protocol/handshake/messages.js'
import { lv, readLv } from '../../../protocol/length-value.js'
import { agree, CALL_ID, sideA, sideB } from './pair.js'

const { m1, m2, m3, m4 } = agree(
  sideA({ ownId: 'A'.repeat(32), peerId: 'B'.repeat(32) }),
  sideB({ ownId: 'B'.repeat(32), peerId: 'A'.repeat(32) }),
).messages
const parsers = { m1: [parseM1, m1], m2: [parseM2, m2], m3: [parseM3, m3], m4: [parseM4, m4] } as const

for (const [name, [parse, message]] of Object.entries(parsers)) {
  t.test(`reads ${name.toUpperCase()} with the longest ids`, async t => {
    t.match(parse(message), { ok: true, value: { callId: CALL_ID } })
  })

  t.test(`refuses ${name.toUpperCase()} cut at each length`, async t => {
    for (let length = 0; length < message.length; length++)
      if (parse(message.slice(0, length)).ok) t.fail(`took ${length} bytes`)
  })

  t.test(`refuses ${name.toUpperCase()} with a field missing, more, longer or shorter`, async t => {
    const read = readLv(message, 16)
    if (!read.ok) return t.fail('not fields')
    const fields = read.value
    t.notOk(parse(lv(...fields, new Uint8Array(1))).ok, 'one more')
    for (const [i, field] of fields.entries()) {
      const isId = name === 'm1' && (i === 5 || i === 6)
      if (isId) continue // ids have any length here; the side compares them
      t.notOk(parse(lv(...fields.toSpliced(i, 1))).ok, `without field ${i}`)
      t.notOk(parse(lv(...fields.with(i, Uint8Array.of(...field, 0)))).ok, `field ${i} longer`)
      t.notOk(parse(lv(...fields.with(i, field.slice(0, -1)))).ok, `field ${i} shorter`)
    }
  })

  t.test(`refuses what is far too large for ${name.toUpperCase()}`, async t => {
    t.notOk(parse(new Uint8Array(100_000)).ok)
  })
}
