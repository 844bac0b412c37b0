import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadIdentity } from '../../../peer/terminal/identity-file.js'
import { identityFromSecret } from '../../../protocol/identity.js'
import { StateProblem } from '../../../protocol/node-state-problem.js'

const mode = (path: string) => statSync(path).mode & 0o777
const setUp = (t: Test) => {
  const folder = join(t.testdir(), 'config', 'voicechat')
  return { folder, path: join(folder, 'identity.json') }
}

function problem(folder: string): StateProblem {
  try {
    loadIdentity(folder)
  } catch (error) {
    if (error instanceof StateProblem) return error
    throw error
  }
  throw new Error('no problem')
}

t.test('is made at the first run, for nobody else to read', async t => {
  const { folder, path } = setUp(t)
  const identity = loadIdentity(folder)
  t.match(identity, identityFromSecret(identity.secretKey))
  t.same(readdirSync(folder), ['identity.json'], 'nothing else is left')
  t.equal(mode(path), 0o600)
  t.equal(mode(folder), 0o700)
})

t.test('is kept', async t => {
  const { folder, path } = setUp(t)
  const first = loadIdentity(folder)
  const text = readFileSync(path, 'utf8')
  t.same(loadIdentity(folder), first)
  t.equal(readFileSync(path, 'utf8'), text)
})

t.test('is another one in another folder', async t => {
  const { folder } = setUp(t)
  const first = loadIdentity(folder)
  const second = loadIdentity(join(folder, 'other'))
  t.notSame(first.publicKey, second.publicKey)
})

t.test('is refused when it is damaged, and never touched', async t => {
  const { folder, path } = setUp(t)
  mkdirSync(folder, { recursive: true })
  const damaged = ['', '{', 'null', '[]', '{}', '{"secretKey":5}', '{"secretKey":""}', '{"secretKey":"AAAA"}']
  for (const text of [...damaged, `{"version":1,"secretKey":"${'*'.repeat(43)}"}`, '\0'.repeat(70)]) {
    writeFileSync(path, text)
    const { name, message, hint } = problem(folder)
    t.equal(name, 'damagedState', JSON.stringify(text))
    t.ok(message.includes(path) && hint !== '')
    t.equal(readFileSync(path, 'utf8'), text)
    t.same(readdirSync(folder), ['identity.json'])
  }
})

t.test('names the file that it can not use', async t => {
  const inTheWay = join(t.testdir({ file: 'no folder' }), 'file')
  const under = problem(join(inTheWay, 'voicechat'))
  t.match(under, { name: 'unusableState', hint: /writable/ })
  t.ok(under.message.includes(join(inTheWay, 'voicechat', 'identity.json')))
  t.match(under.message, /its folder is a file/)
  const isFolder = join(t.testdirName, 'voicechat')
  mkdirSync(join(isFolder, 'identity.json'), { recursive: true })
  t.match(problem(isFolder), { name: 'unusableState', message: /it is a folder/ })
})

t.test(
  'names the folder that it can not write to',
  { skip: process.getuid?.() === 0 && 'the superuser may write everywhere' },
  async t => {
    const { folder } = setUp(t)
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o500)
    const { name, message } = problem(folder)
    t.equal(name, 'unusableState')
    t.ok(message.includes(folder))
    t.match(message, /no permission/)
    t.same(readdirSync(folder), [])
    chmodSync(folder, 0o700)
  },
)
