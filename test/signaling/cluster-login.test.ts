import { join } from 'node:path'
import t from 'tap'
import { readClusterLogin } from '../../signaling/cluster/cluster-login.js'

t.test('reads a user or a token for NATS from a file', async t => {
  const folder = t.testdir({ user: 'anna:with:colons\n', token: 'T0ken\n', two: 'a\nb\n', empty: '\n' })
  const read = (name: string) => readClusterLogin(join(folder, name))
  t.equal(await readClusterLogin(undefined), undefined)
  t.strictSame(await read('user'), { user: 'anna', pass: 'with:colons' })
  t.strictSame(await read('token'), { token: 'T0ken' })
  for (const bad of ['two', 'empty', 'none']) await t.rejects(read(bad), { name: 'badClusterSecret' }, bad)
})
