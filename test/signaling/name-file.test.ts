import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { NameFile } from '../../signaling/name-file.js'
import { Names } from '../../signaling/names.js'

const key = 'A'.repeat(43)
const nothing = () => {}

t.test('keeps names over a restart, for the owner alone', async t => {
  const dir = join(t.testdir(), 'state', 'deep')
  const names = new Names(10)
  const file = await NameFile.open(dir, names, 0, nothing)
  names.claim('anna', key, 0)
  await file.close()
  t.equal((await stat(join(dir, 'names.json'))).mode & 0o777, 0o600)
  t.same(await readdir(dir), ['names.json'], 'no temporary file stays')
  const again = new Names(10)
  await (await NameFile.open(dir, again, 0, nothing)).close()
  t.equal(again.claim('anna', 'B'.repeat(43), 0), 'taken')
})

t.test('saves by itself soon after a change', async t => {
  const dir = t.testdir()
  const names = new Names(10)
  const file = await NameFile.open(dir, names, 0, nothing)
  t.teardown(() => file.close())
  names.claim('anna', key, 0)
  let text = ''
  for (let i = 0; i < 200 && !text.includes('anna'); i++) {
    await new Promise(resolve => setTimeout(resolve, 25))
    text = await readFile(join(dir, 'names.json'), 'utf8')
  }
  t.match(text, 'anna')
})

t.test('keeps a damaged file aside and says so', async t => {
  const dir = t.testdir({ 'names.json': '{"version":1,"names":[["an' })
  const said: string[] = []
  const file = await NameFile.open(dir, new Names(10), 1234, message => said.push(message))
  await file.close()
  t.equal(await readFile(join(dir, 'names.json.damaged-1234'), 'utf8'), '{"version":1,"names":[["an')
  t.match(said, [/kept as .*names\.json\.damaged-1234/])
})

t.test('refuses a directory that is none, as badStateDir', async t => {
  const dir = t.testdir({ file: 'x' })
  await t.rejects(NameFile.open(join(dir, 'file'), new Names(10), 0, nothing), { name: 'badStateDir' })
  await t.rejects(NameFile.open(join(dir, 'file', 'below'), new Names(10), 0, nothing), { name: 'badStateDir' })
})

t.test('says so when names can not be saved', async t => {
  const dir = t.testdir()
  const said: string[] = []
  const names = new Names(10)
  const file = await NameFile.open(dir, names, 0, message => said.push(message))
  await mkdir(join(dir, 'names.json.new')) // in the way of the temporary file
  names.claim('anna', key, 0)
  await file.close()
  t.match(said, [/could not be saved/])
})
