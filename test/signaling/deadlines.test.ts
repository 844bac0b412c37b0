/** Nobody holds a connection for nothing: each stage of one ends by itself when the other end does not go on. */
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { startServer } from '../../signaling/server.js'

const SHORT = { headMs: 150, loginMs: 150, pingMs: 150, closeMs: 150 }
const UPGRADE =
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

/** A socket that sends this, and then nothing, and keeps its own side open; what it heard until the server cut it. */
async function heardUntilCut(port: number, text: string): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let heard = ''
  socket.on('error', () => {})
  socket.on('data', chunk => {
    heard += chunk.toString('latin1')
  })
  const over = new Promise<void>(resolve => {
    socket.once('end', resolve)
    socket.once('close', resolve)
  })
  socket.write(text)
  await over
  socket.destroy()
  return heard
}

t.jobs = 8

const stages: readonly [what: string, sent: string, heard: RegExp][] = [
  ['after the TCP connection', '', /^(HTTP\/1\.1 408 .*)?$/s],
  ['in the middle of a header', 'GET / HTTP/1.1\r\nHost: ', /^HTTP\/1\.1 408 /],
  ['before the body that it announced', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n', /^HTTP\/1\.1 404 /],
  ['after an answer', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 200 .*"status":"ok"/s],
  ['after a refused upgrade', `${UPGRADE}${KEY}Origin: https://x.test\r\n\r\n`, /^HTTP\/1\.1 403 /],
  ['after an upgrade that is none', `${UPGRADE}\r\n`, /^HTTP\/1\.1 400 /],
  ['after the upgrade, without a login', `${UPGRADE}${KEY}\r\n`, /^HTTP\/1\.1 101 .*"refused","reason":"slow"/s],
]
for (const [what, sent, heard] of stages)
  t.test(`cuts a connection that says nothing more ${what}`, async t => {
    const server = await startServer({ host: '127.0.0.1', port: 0, limits: SHORT })
    t.teardown(() => server.close())
    t.match(await heardUntilCut(server.port, sent), heard)
  })
