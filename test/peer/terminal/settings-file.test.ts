import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SettingsFile } from '../../../peer/terminal/settings-file.js'

function file(t: Test, text: string | Uint8Array): string {
  const path = join(t.testdir(), 'peer.conf')
  writeFileSync(path, text)
  return path
}

t.test('reads lines of key = value, with comments, blank lines and any line ends', async t => {
  const path = file(
    t,
    '\uFEFF# mine\r\n\r\n  id=ABC  \r\nmic = file:a b#c.wav\n\tserver = ws://a.test:1/?x=y\nplain =\n',
  )
  t.same(SettingsFile.read(path).entries(), [
    { line: 3, key: 'id', text: 'ABC' },
    { line: 4, key: 'mic', text: 'file:a b#c.wav' },
    { line: 5, key: 'server', text: 'ws://a.test:1/?x=y' },
    { line: 6, key: 'plain', text: '' },
  ])
})

t.test('a long line of spaces is read as any other, good or not', async t => {
  const spaces = ' '.repeat(30_000)
  t.same(SettingsFile.read(file(t, `${spaces}id =${spaces}ABC${spaces}`)).entries(), [
    { line: 1, key: 'id', text: 'ABC' },
  ])
  // A carriage return alone ends no line, and belongs into no value. Where a pattern tries all ways to split the spaces, this never ends.
  const damaged = SettingsFile.read(file(t, `id =${spaces}A${spaces}\rBC`))
  t.throws(() => damaged.entries(), { name: 'badConfig' })
})

t.test('no file is an empty one', async t => {
  const { lines } = SettingsFile.read(join(t.testdir(), 'folder/peer.conf'))
  t.same(lines, [])
})

t.test('explains a damaged file, and leaves it as it is', async t => {
  const damaged: [string | Uint8Array, RegExp][] = [
    ['id = ABC\n{"to":"XYZ"}\n', /damaged\. Line 2 is "\{"to":"XYZ"\}"\./],
    ['= ABC', /Line 1/],
    ['id = ABC\nto = X\nid = DEF\n', /"id" is set twice, on lines 1 and 3/],
    [Uint8Array.of(0xff, 0xfe, 0x69, 0, 0x64, 0), /not a text/],
    [new Uint8Array(200_000).fill(35), /not a text/],
  ]
  for (const [text, says] of damaged) {
    const path = file(t, text)
    const before = readFileSync(path)
    t.throws(() => SettingsFile.read(path).entries(), { name: 'badConfig', message: says, exitCode: 2 })
    t.throws(() => SettingsFile.read(path).with('route', 'auto').write(), { name: 'badConfig' })
    t.same(readFileSync(path), before)
  }
})

t.test('changes one line and keeps all others', async t => {
  const path = file(t, '# mine\nid = ABC\n\n# far\nroute = relay\n')
  SettingsFile.read(path).with('id', 'DEF').with('wait', '30').write()
  t.equal(readFileSync(path, 'utf8'), '# mine\nid = DEF\n\n# far\nroute = relay\nwait = 30\n')
  SettingsFile.read(path).with('route', null).with('nothing', null).write()
  t.equal(readFileSync(path, 'utf8'), '# mine\nid = DEF\n\n# far\nwait = 30\n')
})

t.test('writes for its owner only, makes the folder, leaves nothing else behind and keeps a link', async t => {
  const folder = t.testdir({ elsewhere: { 'own.conf': 'id = A\n' } })
  const path = join(folder, 'new/deep/peer.conf')
  SettingsFile.read(path).with('id', 'ABC').write()
  t.equal(readFileSync(path, 'utf8'), 'id = ABC\n')
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(readdirSync(join(folder, 'new/deep')), ['peer.conf'])
  const [link, own] = [join(folder, 'link.conf'), join(folder, 'elsewhere/own.conf')]
  symlinkSync(own, link)
  SettingsFile.read(link).with('id', 'B').write()
  t.equal(readlinkSync(link), own)
  t.equal(readFileSync(own, 'utf8'), 'id = B\n')
})

t.test('says why it cannot be read or written', async t => {
  const folder = t.testdir({ 'a-file': '' })
  mkdirSync(join(folder, 'peer.conf'))
  t.throws(() => SettingsFile.read(join(folder, 'peer.conf')), { name: 'configFile', message: /read: it is a folder/ })
  const below = SettingsFile.read(join(folder, 'a-file/peer.conf')).with('id', 'A')
  t.throws(() => below.write(), { name: 'configFile', message: /written: / })
  const readOnly = join(folder, 'readonly')
  mkdirSync(readOnly)
  chmodSync(readOnly, 0o500)
  if (process.getuid?.() === 0) return t.comment('root may write everywhere: a folder without permission is not tried')
  const denied = SettingsFile.read(join(readOnly, 'peer.conf')).with('id', 'A')
  t.throws(() => denied.write(), { name: 'configFile', message: /no permission/ })
  return undefined
})
