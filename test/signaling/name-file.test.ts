import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { NameFile } from '../../signaling/name-file.js'
import { Names } from '../../signaling/names.js'

const key = 'A'.repeat(43)
const nothing = () => {}

t.test('keeps names over a restart, for the owner alone', async t => {
  const dir = join(t.testdir(), 'state', 'deep')
  const names = new Names()
  const file = new NameFile(dir, names, nothing)
  names.claim('anna', key, 0)
  await file.close()
  t.equal(statSync(join(dir, 'names.json')).mode & 0o777, 0o600)
  t.same(readdirSync(dir), ['names.json'], 'no temporary file stays')
  const again = new Names()
  await new NameFile(dir, again, nothing).close()
  t.equal(again.claim('anna', 'B'.repeat(43), 0), 'taken')
})

t.test('tells when a name is on the disk', async t => {
  const dir = t.testdir()
  const names = new Names()
  const file = new NameFile(dir, names, nothing)
  t.teardown(() => file.close())
  const read = () => readFileSync(join(dir, 'names.json'), 'utf8')
  await file.saved()
  for (const id of ['anna', 'ben', 'cleo']) {
    names.claim(id, key, 0)
    t.notMatch(read(), id)
    await file.saved()
    t.match(read(), id)
  }
  // Many at once, the later ones while the earlier ones are written.
  const told = Array.from({ length: 50 }, async (_, n) => {
    if (n % 10 === 0) await new Promise(resolve => setImmediate(resolve))
    names.claim(`n${n}`, key, 0)
    await file.saved()
    return read().includes(`"n${n}"`)
  })
  t.same(await Promise.all(told), Array(50).fill(true))
})

t.test('saves by itself soon after a change for which nobody waits', async t => {
  const dir = t.testdir()
  const names = new Names()
  const file = new NameFile(dir, names, nothing)
  t.teardown(() => file.close())
  names.claim('anna', key, 0)
  while (!readFileSync(join(dir, 'names.json'), 'utf8').includes('anna'))
    await new Promise(resolve => setTimeout(resolve, 25))
  t.pass()
})

t.test('starts with no damaged file, and leaves it as it is', async t => {
  const text = '{"version":1,"names":[["an'
  const dir = t.testdir({ 'names.json': text })
  t.throws(() => new NameFile(dir, new Names(), nothing), {
    name: 'damagedState',
    message: /names\.json is damaged: .*left as it is/,
    hint: /Put back a copy\. Or move it away/,
  })
  t.same(readdirSync(dir), ['names.json'])
  t.equal(readFileSync(join(dir, 'names.json'), 'utf8'), text)
})

t.test('refuses a directory that is none', async t => {
  const dir = t.testdir({ file: 'x' })
  t.throws(() => new NameFile(join(dir, 'file'), new Names(), nothing), { name: 'unusableState' })
})

t.test('says so when names can not be saved, lets nobody wait for ever, and saves them when it can', async t => {
  const dir = t.testdir()
  const said: string[] = []
  const names = new Names()
  const file = new NameFile(dir, names, message => said.push(message))
  const path = join(dir, 'names.json')
  rmSync(path)
  mkdirSync(path) // in the way of the file
  names.claim('anna', key, 0)
  await file.saved()
  t.match(said, [/could not be saved: .*names\.json/])
  rmSync(path, { recursive: true })
  names.claim('ben', key, 0)
  await file.close()
  t.match(readFileSync(path, 'utf8'), /anna.*ben/)
  t.equal(said.length, 1)
})
