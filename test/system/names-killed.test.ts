/** An id stays its owner's over restarts and crashes of the server, and one state directory is one server's. */
import { readdirSync } from 'node:fs'
import t from 'tap'
import { Lab } from '../lab/lab.js'
import { newIdentity } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'

const lab = new Lab()
t.teardown(() => lab.close())

t.test('a name that was given a moment before kill -9 stays that of its owner', async t => {
  const stateDir = lab.path('killed')
  const owners = new Map<string, ReturnType<typeof newIdentity>>()
  for (const id of ['ABC', 'XYZ', 'abc2']) {
    const server = await lab.server({ stateDir })
    const identity = newIdentity()
    owners.set(id, identity)
    const client = await WsClient.online(server.url, id, identity)
    server.kill('SIGKILL')
    t.ok(client.has('online'), `${id} was told that it is online, and the server was killed at once`)
    await server.exited
  }
  const server = await lab.server({ stateDir })
  for (const [id, identity] of owners) {
    const thief = await WsClient.online(server.url, id.toUpperCase())
    t.match(await thief.next('refused'), { reason: 'taken' })
    t.ok((await WsClient.online(server.url, id, identity)).has('online'), `${id} is back with its key`)
  }
  t.equal((await server.stop()).code, 0)
  t.same(readdirSync(stateDir), ['names.json'], 'no lock stays behind')
})

t.test('a second server on a state directory is refused, and the first does not notice', async t => {
  const stateDir = lab.path('shared')
  const first = await lab.server({ stateDir })
  const second = lab.server({ stateDir })
  await t.rejects(second, /state directory .*shared is in use by another server \(process \d+\)\. End that one/)
  await t.rejects(second, new RegExp(`process ${first.pid}`))
  await t.rejects(second, /ended with code 2/)
  t.ok((await WsClient.online(first.url, 'ABC')).has('online'))
})

t.test('says once that names are forgotten where they are', async t => {
  const words = /Whose id is whose will be forgotten/g
  const kept = await lab.server({ stateDir: lab.path('kept') })
  t.notMatch(kept.stderr, words)
  const port = kept.port
  await kept.stop()
  const forgets = lab.program(new URL('../../signaling/main.js', import.meta.url).pathname, ['--port', `${port}`], {
    name: 'server',
  })
  await forgets.says(words)
  await forgets.stop()
  t.equal(forgets.stderr.match(words)?.length, 1)
})
