import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ContactFile } from '../../../peer/trust/contact-file.js'

const [one, other] = [1, 2].map(byte => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]

t.test('remembers from program to program, for its owner alone', async t => {
  const folder = join(t.testdir(), 'voicechat')
  const first = new ContactFile(folder, () => 1_000.4)
  t.equal(first.find('XYZ'), null)
  t.same(first.list(), [])
  first.pin('XyZ', one, 'password')
  first.pin('anna', other, 'code')
  const next = new ContactFile(folder)
  t.same(next.find('xyz'), { id: 'XyZ', key: one, since: 1_000, how: 'password' })
  t.same(
    next.list().map(({ id }) => id),
    ['anna', 'XyZ'],
  )
  if (process.platform !== 'win32') t.equal(statSync(next.path).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['contacts.json'])
})

t.test('what was pinned by another program meanwhile stays', async t => {
  const folder = t.testdir()
  const [mine, theirs] = [new ContactFile(folder, () => 1), new ContactFile(folder, () => 2)]
  theirs.pin('XYZ', one, 'code')
  mine.pin('xyz', other, 'password')
  t.match(mine.find('XYZ'), { key: one, since: 2 })
})

t.test('forgets on purpose', async t => {
  const folder = t.testdir()
  new ContactFile(folder).pin('XYZ', one, 'code')
  const file = new ContactFile(folder)
  t.equal(file.forget('nobody'), false)
  t.equal(file.forget('xyz'), true)
  t.equal(file.find('XYZ'), null)
  t.equal(file.forget('xyz'), false)
  file.pin('XYZ', other, 'code')
  t.same(file.find('XYZ')?.key, other)
})

t.test('a damaged file stops everything, and stays', async t => {
  const folder = t.testdir()
  const file = new ContactFile(folder)
  file.pin('XYZ', one, 'code')
  const text = readFileSync(file.path, 'utf8')
  const [contact] = JSON.parse(text).contacts
  const twice = JSON.stringify({ version: 1, contacts: [contact, { ...contact, id: 'xyz' }] })
  for (const damaged of [text.slice(0, -4), twice, text.replace(/"key":"../, '"key":"'), text.replace('XYZ', 'X Z')]) {
    writeFileSync(file.path, damaged)
    const problem = { name: 'damagedState', hint: /verify each person anew/ }
    t.throws(() => file.find('XYZ'), problem)
    t.throws(() => file.find('nobody'), problem)
    t.throws(() => file.list(), problem)
    t.throws(() => file.forget('XYZ'), problem)
    t.throws(() => file.pin('ABC', one, 'code'), problem)
    t.equal(readFileSync(file.path, 'utf8'), damaged)
  }
})

t.test('what cannot be written is known to this program all the same', async t => {
  const folder = t.testdir()
  const file = new ContactFile(folder, () => 3)
  const inTheWay = join(folder, 'contacts.json.lock')
  mkdirSync(inTheWay)
  t.throws(() => file.pin('XYZ', one, 'code'), { name: 'unusableState' })
  rmSync(inTheWay, { recursive: true })
  t.match(file.find('XYZ'), { key: one, since: 3 })
  t.equal(new ContactFile(folder).find('XYZ'), null)
})
