import t from 'tap'
import { AccessList, parseAccessFile } from '../../signaling/access-list.js'

const key = (letter: string) => `${letter.repeat(42)}A`
const [A, B, C] = [key('a'), key('b'), key('c')]

t.test('reads keys, ids and comments, as editors of all systems write them', async t => {
  const text = `\uFEFF# friends\r\n\r\n${A} Anna   # from work\r\n  ${B}\t\r\n${C}   c#no id behind this\n${A} anna2`
  t.same(parseAccessFile(text), {
    ok: true,
    value: [
      { key: A, id: 'Anna' },
      { key: B, id: null },
      { key: C, id: 'c' },
      { key: A, id: 'anna2' },
    ],
  })
  t.same(parseAccessFile(''), { ok: true, value: [] })
})

t.test('names the first line that is damaged', async t => {
  for (const [line, says] of [
    ['anna', /Line 3 begins with no key/],
    [A.slice(1), /Line 3 begins with no key/],
    [`${A}A`, /Line 3 begins with no key/],
    // The last letter of a key has bits that have to be 0.
    [`${'a'.repeat(42)}b`, /Line 3 begins with no key/],
    [`${A} an/na`, /Line 3 has no id behind the key/],
    [`${A} ${'x'.repeat(33)}`, /Line 3 has no id/],
    [`${A} 7.a`, /Line 3 has no id/],
    [`${A} anna from work`, /Line 3 has more than a key and an id\. Put "#"/],
    [`${A} BEN`, /Line 3 gives away an id that line 2 gave to another key/],
  ] as const) {
    const parsed = parseAccessFile(`# one\n${B} ben\n${line}\n?`)
    t.match(parsed, { ok: false, error: { name: 'badAccessFile', message: says } }, line)
  }
  t.ok(parseAccessFile(`${B} ben\n${B} BEN`).ok, 'twice the same does no harm')
})

t.test('an id behind a key is for that key alone, and the key for its ids', async t => {
  const list = new AccessList([
    { key: A, id: 'Anna' },
    { key: B, id: null },
    { key: A, id: 'anna2' },
  ])
  t.same([list.allows('ANNA', A), list.allows('anna2', A), list.allows('other', A)], [true, true, false])
  t.same([list.allows('anna', B), list.allows('other', B)], [false, true])
  t.same([list.allows('anna', C), list.allows('other', C)], [false, false])
  t.equal(list.ownerOf('aNNa'), A)
  t.equal(list.idOf(A), 'anna2')
})

t.test('of two keys for one id the first has it, and the second nothing by that', async t => {
  const list = new AccessList([
    { key: A, id: 'anna' },
    { key: B, id: 'Anna' },
  ])
  t.same([list.allows('anna', A), list.allows('anna', B), list.allows('b', B)], [true, false, false])
})

t.test('ids of one-time calls are for every key that is known', async t => {
  const list = new AccessList([
    { key: A, id: 'anna' },
    { key: B, id: null },
  ])
  t.same([list.allows('7.a', A), list.allows('7.B', B), list.allows('7.a', C)], [true, true, false])
})

t.test('holds ids of object members like any other', async t => {
  const list = new AccessList([{ key: A, id: '__proto__' }])
  t.same(
    [list.allows('__proto__', A), list.allows('constructor', A), list.allows('__proto__', B)],
    [true, false, false],
  )
})
