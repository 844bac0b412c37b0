import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadIdentity } from '../../../peer/terminal/identity-file.js'
import { CommandProblem } from '../../../peer/terminal/problem.js'
import { identityFromSecret } from '../../../protocol/identity.js'

const mode = (path: string) => statSync(path).mode & 0o777
const setUp = (t: Test) => {
  const folder = join(t.testdir(), 'config', 'voicechat')
  return { folder, path: join(folder, 'identity.json') }
}

async function problem(folder: string): Promise<CommandProblem> {
  try {
    await loadIdentity(folder)
  } catch (error) {
    if (error instanceof CommandProblem) return error
    throw error
  }
  throw new Error('no problem')
}

t.test('is made at the first run, for nobody else to read', async t => {
  const { folder, path } = setUp(t)
  const identity = await loadIdentity(folder)
  t.same(identity, identityFromSecret(identity.secretKey))
  t.same(readdirSync(folder), ['identity.json'], 'nothing else is left')
  t.equal(mode(path), 0o600)
  t.equal(mode(folder), 0o700)
})

t.test('is kept', async t => {
  const { folder, path } = setUp(t)
  const first = await loadIdentity(folder)
  const text = readFileSync(path, 'utf8')
  t.same(await loadIdentity(folder), first)
  t.equal(readFileSync(path, 'utf8'), text)
})

t.test('is another one in another folder', async t => {
  const { folder } = setUp(t)
  const first = await loadIdentity(folder)
  const second = await loadIdentity(join(folder, 'other'))
  t.notSame(first.publicKey, second.publicKey)
})

t.test('is one and the same for all that start at once', async t => {
  const { folder } = setUp(t)
  const all = await Promise.all(Array.from({ length: 20 }, () => loadIdentity(folder)))
  for (const identity of all) t.same(identity, all[0])
  t.same(await loadIdentity(folder), all[0], 'and the one that stays')
  t.same(readdirSync(folder), ['identity.json'])
})

t.test('is refused when it is damaged, and never touched', async t => {
  const { folder, path } = setUp(t)
  mkdirSync(folder, { recursive: true })
  const damaged = ['', '{', 'null', '[]', '{}', '{"secretKey":5}', '{"secretKey":""}', '{"secretKey":"AAAA"}']
  for (const text of [...damaged, `{"version":1,"secretKey":"${'*'.repeat(43)}"}`, '\0'.repeat(70)]) {
    writeFileSync(path, text)
    const { name, message, hint, exitCode } = await problem(folder)
    t.match({ name, exitCode }, { name: 'damagedIdentity', exitCode: 2 }, JSON.stringify(text))
    t.ok(message.includes(path) && hint !== '')
    t.equal(readFileSync(path, 'utf8'), text)
    t.same(readdirSync(folder), ['identity.json'])
  }
})

t.test('names the file that it can not use', async t => {
  const inTheWay = join(t.testdir({ file: 'no folder' }), 'file')
  const under = await problem(join(inTheWay, 'voicechat'))
  t.match(under, { name: 'identityFile', exitCode: 2, hint: /XDG_CONFIG_HOME/ })
  t.ok(under.message.includes(join(inTheWay, 'voicechat', 'identity.json')))
  t.match(under.message, /ENOTDIR/)
  const isFolder = join(t.testdirName, 'voicechat')
  mkdirSync(join(isFolder, 'identity.json'), { recursive: true })
  t.match(await problem(isFolder), { name: 'identityFile', message: /EISDIR/ })
})

t.test(
  'names the folder that it can not write to',
  { skip: process.getuid?.() === 0 && 'the superuser may write everywhere' },
  async t => {
    const { folder } = setUp(t)
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o500)
    const { name, message } = await problem(folder)
    t.equal(name, 'identityFile')
    t.ok(message.includes(folder))
    t.match(message, /EACCES/)
    t.same(readdirSync(folder), [])
    chmodSync(folder, 0o700)
  },
)
