import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as z from 'zod'
import { StateFile } from '../../protocol/node-state-file.js'

const schema = z.object({ version: z.literal(1), count: z.number() })
const open = (path: string) => new StateFile(path, schema, 'Move it away.')
const more = (now: { count: number } | null) => ({ version: 1 as const, count: (now?.count ?? 0) + 1 })

t.test('is absent at first, then what was written, for its owner alone, with nothing left beside it', async t => {
  const folder = join(t.testdir(), 'new', 'deep')
  const file = open(join(folder, 'count.json'))
  t.equal(file.read(), null)
  t.same(file.update(more), { version: 1, count: 1 })
  t.same(open(file.path).update(more), { version: 1, count: 2 })
  t.same(open(file.path).read(), { version: 1, count: 2 })
  t.same(readdirSync(folder), ['count.json'])
  if (process.platform === 'win32') return
  t.equal(statSync(file.path).mode & 0o777, 0o600)
  t.equal(statSync(folder).mode & 0o777, 0o700)
})

t.test('a file that others could read is for its owner alone once it is written', async t => {
  const path = join(t.testdir({ 'count.json': '{"version":1,"count":1}' }), 'count.json')
  chmodSync(path, 0o644)
  open(path).update(more)
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('writes nothing when nothing changes, and nothing when the change throws', async t => {
  const path = join(t.testdir({ 'count.json': '{ "version": 1, "count": 1 }' }), 'count.json')
  const before = readFileSync(path, 'utf8')
  t.same(
    open(path).update(now => now ?? more(now)),
    { version: 1, count: 1 },
  )
  const thrown = new Error('no')
  t.throws(
    () =>
      open(path).update(() => {
        throw thrown
      }),
    thrown,
  )
  t.equal(readFileSync(path, 'utf8'), before)
  t.same(readdirSync(t.testdirName), ['count.json'], 'the lock is released')
  await open(path).write({ version: 1, count: 9 })
  t.same(open(path).read(), { version: 1, count: 9 })
})

t.test('a damaged file is explained, and never touched', async t => {
  const whole = '{"version":1,"count":1}'
  const cuts = Array.from(whole, (_, length) => whole.slice(0, length))
  const path = join(t.testdir(), 'count.json')
  for (const text of [...cuts, '[]', 'null', '{"version":2,"count":1}', '{"version":1,"count":"1"}', '\0'.repeat(50)]) {
    writeFileSync(path, text)
    const problem = { name: 'damagedState', message: /is damaged: .* left as it is/, hint: 'Move it away.' }
    t.throws(() => open(path).read(), problem, JSON.stringify(text))
    t.throws(() => open(path).update(more), problem)
    t.throws(() => open(path).read(), { message: new RegExp(path) })
    t.equal(readFileSync(path, 'utf8'), text)
    t.same(readdirSync(t.testdirName), ['count.json'])
  }
})

t.test('linked files and folders stay linked; a link that leads nowhere is no absent file', async t => {
  const root = t.testdir({ real: { 'other.json': '{"version":1,"count":4}' } })
  symlinkSync(join(root, 'real'), join(root, 'folder'))
  symlinkSync(join(root, 'real/other.json'), join(root, 'link.json'))
  const linked = open(join(root, 'link.json'))
  linked.update(more)
  t.equal(readlinkSync(linked.path), join(root, 'real/other.json'))
  t.same(open(join(root, 'folder/other.json')).read(), { version: 1, count: 5 })
  t.equal(open(join(root, 'folder/count.json')).read(), null)
  open(join(root, 'folder/count.json')).update(more)
  t.same(readdirSync(join(root, 'real')).sort(), ['count.json', 'other.json'])
  unlinkSync(join(root, 'real/other.json'))
  t.throws(() => linked.read(), { name: 'unusableState' })
  t.throws(() => linked.update(more), { name: 'unusableState' })
})

t.test('says what it cannot use, and why', async t => {
  const root = t.testdir({ 'a-file': '' })
  mkdirSync(join(root, 'folder.json'))
  t.throws(() => open(join(root, 'folder.json')).read(), { name: 'unusableState', message: /read: it is a folder/ })
  const below = open(join(root, 'a-file', 'count.json'))
  t.throws(() => below.read(), { name: 'unusableState', message: /its folder is a file/ })
  t.throws(() => below.update(more), { name: 'unusableState', message: /written: / })
  await t.rejects(below.write({ version: 1, count: 1 }), { name: 'unusableState' })
  if (process.getuid?.() === 0) return t.comment('root may write everywhere: a folder without permission is not tried')
  mkdirSync(join(root, 'closed'), { mode: 0o500 })
  const denied = { name: 'unusableState', message: /no permission/ }
  t.throws(() => open(join(root, 'closed/count.json')).update(more), denied)
  return undefined
})
