/** Connections that only begin something, to use up what a server has: each ends by itself. */
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startServer } from '../../signaling/server.js'
import { selfSigned } from '../lab/authority.js'
import { realCall } from '../signaling/ws-client.js'
import { attack } from './attack.js'

/** Far shorter than the usual ones, and what is far longer than those here, ms. */
const DEADLINES = { headMs: 150, loginMs: 150, pingMs: 150, closeMs: 150 }
const PATIENCE_MS = 8_000

/** Says `first` and then a byte of `more` now and then. `ended`: the server closed it. `open`: it still has not. */
function drip(t: Test, port: number, first: string | Uint8Array, more: string): Promise<'ended' | 'open'> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.write(first)
  let n = 0
  const dripping = setInterval(() => more !== '' && socket.write(more[n++ % more.length]!), 20)
  t.teardown(() => {
    clearInterval(dripping)
    socket.destroy()
  })
  return new Promise(resolve => {
    const late = setTimeout(() => resolve('open'), PATIENCE_MS)
    socket.once('close', () => {
      clearTimeout(late)
      resolve('ended')
    })
  })
}

attack(28, 'a request, a TLS handshake, a login that comes byte by byte, or not at all', async t => {
  const server = await startServer({ host: '127.0.0.1', port: 0, stunPort: null, limits: DEADLINES })
  t.teardown(() => server.close())
  const { a, b, callId } = await realCall(`ws://127.0.0.1:${server.port}`)
  const upgrade =
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  const ways: Record<string, readonly [first: string | Uint8Array, more: string]> = {
    'half of a request line': ['GET / HT', ''],
    'headers without end': ['GET / HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'],
    'a request whose body does not come': ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n', 'x'],
    'the beginning of TLS': [Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), '\x01'],
    'a websocket and no login': [upgrade, ''],
    'a websocket and half of a login': [
      Buffer.concat([Buffer.from(upgrade), Buffer.of(0x81, 0xfe, 0x01, 0x00, 0, 0, 0, 0)]),
      '{',
    ],
  }
  const { cert, key } = selfSigned({ names: ['localhost'] })
  const folder = t.testdir({ cert, key })
  const tls = { tlsCert: join(folder, 'cert'), tlsKey: join(folder, 'key') }
  const secure = await startServer({ host: '127.0.0.1', port: 0, stunPort: null, limits: DEADLINES, ...tls })
  t.teardown(() => secure.close())
  const tlsWays: typeof ways = {
    'nothing, where TLS is spoken': ['', ''],
    'the first byte of a handshake': [Uint8Array.of(0x16), ''],
    'a handshake that comes byte by byte': [Uint8Array.of(0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3), '\x01'],
  }
  const [ends, tlsEnds] = await Promise.all(
    (
      [
        [server, ways],
        [secure, tlsWays],
      ] as const
    ).map(([{ port }, ways]) => Promise.all(Object.values(ways).map(([first, more]) => drip(t, port, first, more)))),
  )
  for (const [i, way] of Object.keys(ways).entries()) t.equal(ends?.[i], 'ended', way)
  for (const [i, way] of Object.keys(tlsWays).entries()) t.equal(tlsEnds?.[i], 'ended', way)
  a.say({ type: 'pass', callId, data: 'AAAA' })
  t.match(await b.next('pass'), { data: 'AAAA' }, 'a call went on beside them')
  a.socket.terminate()
  b.socket.terminate()
})
