import t from 'tap'
import { canonicalId, parseId, sameId, sideOf } from '../../protocol/id.js'

t.test('accepts 1 to 32 letters, digits, dots, dashes and underscores, as typed', async t => {
  for (const id of ['A', 'ABC', 'a.b-c_9', 'x'.repeat(32), '__proto__', 'constructor'])
    t.strictSame(parseId(id), { ok: true, value: id })
})

t.test('refuses everything else by name', async t => {
  // \u0430 looks like a; \u212a is the Kelvin sign, whose lower case is k
  for (const id of [
    '',
    'x'.repeat(33),
    'a b',
    'ä',
    'a/b',
    'abc\n',
    '\u0430',
    '\u212a',
    null,
    undefined,
    7,
    ['ABC'],
    {},
  ])
    t.match(parseId(id), { ok: false, error: { name: 'badId' } }, JSON.stringify(id))
})

t.test('compares ids without regard to ASCII case, in any locale', async t => {
  t.equal(canonicalId('AbC-I.9'), 'abc-i.9')
  t.ok(sameId('ABC', 'abc'))
  t.notOk(sameId('ABC', 'abd'))
})

t.test('gives the two sides different letters, the smaller id being a', async t => {
  t.equal(sideOf('ABC', 'xyz'), 'a')
  t.equal(sideOf('XYZ', 'abc'), 'b')
  t.equal(sideOf('a', 'a-'), 'a')
  t.equal(sideOf('a9', 'a-'), 'b')
  t.equal(sideOf('Z', '_'), 'b', 'compared in lower case: _ (5f) is before z (7a)')
})
