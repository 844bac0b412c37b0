import { chmodSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FileWatch } from '../../signaling/file-watch.js'
import { memberFile } from '../../signaling/member-file.js'
import { NO_MEMBERS } from '../../signaling/members.js'
import { PrivateServer } from '../../signaling/private-server.js'

const key = (letter: string) => `${letter.repeat(42)}A`
const [A, B] = [key('a'), key('b')]

/** A private server without the server: its log, and how often it said that something changed. */
function open(t: Test, options: { accessFile?: string; stateDir?: string }) {
  const log: string[] = []
  const note = (level: string) => (_fields: object, message: string) => void log.push(`${level}: ${message}`)
  const it = new PrivateServer({ ...options, log: { info: note('info'), warn: note('warn'), error: note('error') } })
  const seen = { changes: 0 }
  it.watch(() => seen.changes++)
  t.teardown(() => it.close())
  const who = () => [A, B].map(each => it.admission.allows('x', each))
  return { it, log, seen, who, warnings: () => log.filter(line => line.startsWith('warn')) }
}

t.test('takes up a list that changed, by itself', async t => {
  const accessFile = join(t.testdir({ friends: `${A}\n` }), 'friends')
  const { who, seen, log } = open(t, { accessFile })
  t.same(who(), [true, false])
  writeFileSync(accessFile, `${B}\n`)
  while (seen.changes === 0) await new Promise(resolve => setTimeout(resolve, 50))
  t.same(who(), [false, true])
  t.same(log, ['info: access file read again'])
})

t.test('keeps the list when the file is damaged or gone, and says so once', async t => {
  const accessFile = join(t.testdir({ friends: `${A}\n` }), 'friends')
  const { it, who, warnings, seen } = open(t, { accessFile })
  writeFileSync(accessFile, `${B}\nBenny\n`)
  while (warnings().length === 0) await new Promise(resolve => setTimeout(resolve, 50))
  await new Promise(resolve => setTimeout(resolve, 2500))
  t.match(warnings(), [/friends is damaged\. Line 2 begins with no key\. .* The list from before it stays in force\.$/])
  t.same(who(), [true, false])
  rmSync(accessFile)
  it.reload()
  t.match(warnings()[1], /friends cannot be read: it is not there\. The list from before it stays/)
  t.same(who(), [true, false])
  t.equal(seen.changes, 0)
  writeFileSync(accessFile, '')
  it.reload()
  t.same(who(), [false, false], 'an empty list is a list')
  t.equal(seen.changes, 1)
})

t.test('takes up members that another program changed, and keeps them when the file is damaged or gone', async t => {
  const stateDir = t.testdir()
  const { it, who, warnings } = open(t, { stateDir })
  t.same(who(), [false, false])
  const member = { key: A, id: null, serial: 'A'.repeat(11), since: 1, ends: 2, removed: false }
  memberFile(stateDir).update(all => ({ ...(all ?? NO_MEMBERS), members: [member] }))
  it.reload()
  t.same(who(), [true, false])
  const path = join(stateDir, 'members.json')
  writeFileSync(path, '{')
  it.reload()
  t.match(warnings(), [/members\.json is damaged: .* The members from before it stay\.$/])
  rmSync(path)
  it.reload()
  t.same(who(), [true, false])
})

t.test(
  'makes a key of its own for invitations, for its owner alone, and does not start with a damaged one',
  async t => {
    const stateDir = t.testdir()
    open(t, { stateDir })
    const path = join(stateDir, 'invite-key.json')
    t.equal(statSync(path).mode & 0o777, 0o600)
    writeFileSync(path, '{"version":1,"secretKey":"AAAA"}')
    t.throws(() => open(t, { stateDir }), { name: 'damagedState', hint: /Put back a copy\. Or move it away/ })
  },
)

t.test('looks at a file that is being written only when it is done', async t => {
  const path = join(t.testdir({ file: 'one' }), 'file')
  const watch = new FileWatch(path)
  t.equal(watch.settledAnew(), false)
  writeFileSync(path, '')
  t.equal(watch.settledAnew(), false, 'just emptied')
  writeFileSync(path, 'one and two')
  t.equal(watch.settledAnew(), false, 'and written')
  t.equal(watch.settledAnew(), true)
  t.equal(watch.settledAnew(), false, 'once')
  writeFileSync(`${path}.new`, 'one and six')
  renameSync(`${path}.new`, path)
  t.same([watch.settledAnew(), watch.settledAnew()], [false, true], 'another in its place')
  chmodSync(path, 0o600)
  t.same([watch.settledAnew(), watch.settledAnew()], [false, true], 'it may be readable now')
  rmSync(path)
  t.same([watch.settledAnew(), watch.settledAnew(), watch.settledAnew()], [false, true, false])
})
