import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { identity } from '../../../peer/terminal/identity.js'
import { loadIdentity } from '../../../peer/terminal/identity-file.js'
import { toBase64url } from '../../../protocol/bytes.js'
import { fingerprintOf } from '../../../protocol/fingerprint.js'

function setUp(t: Test) {
  const root = t.testdir()
  const [folder, other, file] = ['own', 'other', 'key.json'].map(name => join(root, name)) as [string, string, string]
  let said = ''
  let now = 8
  const write = (text: string) => {
    said += text
  }
  const run = async (flags: { json?: boolean; replace?: boolean; in?: string }, ...operands: string[]) => {
    said = ''
    const { json = false, replace = false } = flags
    t.equal(await identity({ json, replace }, operands, { write, folder: flags.in ?? folder, now: () => ++now }), 0)
    return said
  }
  return { folder, other, file, run }
}

t.test('shows one’s own', async t => {
  const { folder, run } = setUp(t)
  const { publicKey } = loadIdentity(folder)
  const said = await run({})
  t.match(said, `Fingerprint: ${fingerprintOf(publicKey)}\n`)
  t.match(said, `Public key:  ${toBase64url(publicKey)}\n`)
  t.notMatch(
    said + (await run({ json: true })),
    JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')).secretKey,
  )
  t.match(JSON.parse(await run({ json: true }, 'show')), {
    event: 'identity',
    fingerprint: fingerprintOf(publicKey),
    publicKey: toBase64url(publicKey),
    path: join(folder, 'identity.json'),
  })
})

t.test('exports into a new file, for its owner alone, and imports it elsewhere', async t => {
  const { folder, other, file, run } = setUp(t)
  t.match(await run({}, 'export', file), /Whoever has that file can pose as you/)
  if (process.platform !== 'win32') t.equal(statSync(file).mode & 0o777, 0o600)
  const before = readFileSync(file)
  await t.rejects(run({}, 'export', file), { name: 'fileExists', exitCode: 2 })
  t.same(readFileSync(file), before)
  await t.rejects(run({}, 'export', join(folder, 'no/such/folder')), { name: 'exportFile' })
  t.match(JSON.parse(await run({ json: true, in: other }, 'import', file)), { event: 'imported', aside: null })
  t.same(loadIdentity(other), loadIdentity(folder))
  t.match(JSON.parse(await run({ json: true, in: other }, 'import', file)), { aside: null }, 'twice is no harm')
  t.same(readdirSync(other), ['identity.json'])
})

t.test('gives up another identity only when told to, and keeps it aside', async t => {
  const { folder, other, file, run } = setUp(t)
  await run({}, 'export', file)
  const mine = loadIdentity(other)
  await t.rejects(run({ in: other }, 'import', file), { name: 'otherIdentity', hint: /--replace/, exitCode: 2 })
  t.same(loadIdentity(other), mine)
  const said = await run({ in: other, replace: true }, 'import', file)
  const [, aside = ''] = /is kept in (.*identity\.json\.replaced-\d+)\.\n$/.exec(said) ?? []
  t.same(loadIdentity(other), loadIdentity(folder))
  if (process.platform !== 'win32') t.equal(statSync(aside).mode & 0o777, 0o600)
  await run({ in: other, replace: true }, 'import', aside)
  t.same(loadIdentity(other), mine, 'and can be taken back')
})

t.test('a damaged one replaces nothing, and is not replaced', async t => {
  const { folder, file, run } = setUp(t)
  const mine = loadIdentity(folder)
  await t.rejects(run({ replace: true }, 'import', file), { name: 'noIdentityFile' })
  writeFileSync(file, '{"version":1}')
  await t.rejects(run({ replace: true }, 'import', file), { name: 'damagedState', hint: /Export it again/ })
  t.same(loadIdentity(folder), mine)
  const broken = join(t.testdirName, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'identity.json'), '{')
  await t.rejects(run({ in: broken, replace: true }, 'import', join(folder, 'identity.json')), { name: 'damagedState' })
  t.equal(readFileSync(join(broken, 'identity.json'), 'utf8'), '{')
})

t.test('says what it takes', async t => {
  const { run } = setUp(t)
  await t.rejects(run({}, 'exprot', 'x'), { name: 'usage', message: /Did you mean "export"/ })
  await t.rejects(run({}, 'export'), { name: 'usage', message: /export takes a FILE/ })
  await t.rejects(run({}, 'show', 'x'), { name: 'usage', message: /show takes nothing/ })
  await t.rejects(run({ replace: true }, 'show'), { name: 'usage', message: /belongs to identity import/ })
})
