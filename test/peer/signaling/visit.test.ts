import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { Visit } from '../../../peer/signaling/visit.js'
import { dialWebSocket } from '../../../peer/signaling/websocket.js'
import { createIdentity } from '../../../protocol/identity.js'
import { startServer } from '../../../signaling/server.js'
import { testRandom } from '../../signaling/fake-client.js'

const random = testRandom(11)

const visit = (url: string, id = 'Anna', identity = createIdentity(random)) =>
  Visit.open({
    dial: (onProblem, onUpgrade) => dialWebSocket(url, onProblem, onUpgrade),
    url,
    id,
    identity,
    random,
    now: () => performance.now(),
  })

async function serve(t: Test, options = {}) {
  const server = await startServer({ host: '127.0.0.1', port: 0, ...options })
  t.teardown(() => server.close())
  return { server, url: `ws://127.0.0.1:${server.port}` }
}

t.test('logs in, learns what the server offers, and leaves so that the id is free again', async t => {
  const { server, url } = await serve(t)
  const identity = createIdentity(random)
  for (let n = 0; n < 3; n++) {
    const here = await visit(url, 'Anna', identity)
    t.match(here.server, /^voicechat-server\/\d/)
    t.ok((await here.ping()) > 0)
    t.match(here.ice, { stunPort: server.stunPort!, otherStunPort: server.otherStunPort!, turn: [] })
    t.ok(Math.abs(here.date!.server - here.date!.own) < 60_000)
    await here.close()
  }
})

t.test('tells by name what goes wrong', async t => {
  const { url } = await serve(t)
  await t.rejects(visit('ws://127.0.0.1:1'), { name: 'unreachable', message: /nothing answers/ })
  const first = await visit(url, 'Ben')
  await t.rejects(visit(url, 'Ben'), { name: 'taken' }, 'another key has the id')
  await t.rejects(first.ask({ type: 'echo' }, 'echo'), { name: 'noEcho', message: /--echo/ })
  t.ok((await first.ping()) > 0, 'an error ends nothing')
  await first.close()
  await t.rejects(first.ping(), { name: 'unreachable' })
  await first.close()
})

t.test('tells a server that is another program, or of another version, from one that is not there', async t => {
  for (const [greeting, name] of [
    ['hello', 'noVoiceChat'],
    [`{"type":"challenge","v":7,"challenge":"${'A'.repeat(43)}","server":"x"}`, 'version'],
  ] as const) {
    const other = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    t.teardown(() => other.close())
    other.on('connection', socket => socket.send(greeting))
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await t.rejects(visit(`ws://127.0.0.1:${port}`), { name })
    for (const client of other.clients) client.terminate()
  }
})

t.test('a server that goes in the middle', async t => {
  const { server, url } = await serve(t)
  const here = await visit(url, 'Carl')
  const gone = t.rejects(here.ask({ type: 'ping', n: 1 }, 'matched'), { name: 'unreachable' })
  await server.close()
  await gone
})
