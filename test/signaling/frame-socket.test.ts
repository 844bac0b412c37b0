import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { FrameSocket } from '../../signaling/frame-socket.js'
import { upgrade } from '../../signaling/upgrade.js'

/** A server that hands over each of its websockets; closed in the teardown. */
async function serve(t: Test, taken: (socket: FrameSocket) => void, problems: string[] = []): Promise<number> {
  const http = createServer()
  http.on('upgrade', (request, stream, head) =>
    upgrade(request, stream, upgraded => {
      const limits = { messageBytes: 100_000, fragments: 64 }
      taken(new FrameSocket(upgraded, { limits, head, onProblem: ({ name }) => problems.push(name) }))
    }),
  )
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => http.close())
  return (http.address() as AddressInfo).port
}

async function dial(port: number): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  await once(client, 'open')
  return client
}

t.test('says back to ws whatever ws sends, in the same order and kind', async t => {
  const port = await serve(t, socket => {
    socket.onMessage = data => socket.send(data)
  })
  const client = await dial(port)
  const lengths = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 90_000)
  const message = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    lengths.map(length => new Uint8Array(length).fill(length)),
    lengths.map(length => 'x'.repeat(length)),
  )
  const property = fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 5 }), async messages => {
    const heard: (string | Buffer)[] = []
    const all = new Promise<void>(resolve => {
      client.removeAllListeners('message').on('message', (data: Buffer, binary) => {
        heard.push(binary ? data : data.toString())
        if (heard.length === messages.length) resolve()
      })
    })
    for (const one of messages) client.send(one)
    await all
    const kinds = messages.map(one => (typeof one === 'string' ? one : Buffer.from(one)))
    if (!heard.every((one, n) => (typeof one === 'string' ? one === kinds[n] : one.equals(kinds[n] as Buffer))))
      throw new Error('not the same')
  })
  await fc.assert(property, { numRuns: 60 })
  client.terminate()
})

t.test('answers pings, tells of them and of pongs', async t => {
  const heard: string[] = []
  const port = await serve(t, socket => {
    socket.onPing = () => heard.push('ping')
    socket.onPong = () => heard.push('pong')
    socket.ping()
  })
  const client = await dial(port)
  client.ping('data')
  const [data] = await once(client, 'pong')
  t.equal(String(data), 'data')
  t.same(heard.sort(), ['ping', 'pong'])
  client.terminate()
})

t.test('closes with a code and a reason, whoever begins', async t => {
  let socket: FrameSocket | undefined
  const closed: string[] = []
  const port = await serve(t, taken => {
    socket = taken
    taken.onClose = (code, reason) => closed.push(`${code} ${reason}`)
  })
  const first = await dial(port)
  socket!.close(4001, 'replaced')
  socket!.send('after the end')
  const [code, reason] = await once(first, 'close')
  t.equal(`${code} ${reason}`, '4001 replaced')
  const second = await dial(port)
  second.close(1000, 'bye')
  const [echoed, words] = await once(second, 'close')
  t.equal(`${echoed} ${words}`, '1000 bye')
  const third = await dial(port)
  third.close()
  t.equal((await once(third, 'close'))[0], 1005)
  const fourth = await dial(port)
  const broken = new Promise<void>(resolve => {
    socket!.onClose = (code, reason) => {
      closed.push(`${code} ${reason}`)
      resolve()
    }
  })
  fourth.terminate()
  await broken
  t.same(closed, ['4001 replaced', '1000 bye', '1005 ', '1006 '])
})

t.test('tells what is wrong, to the client by its code, and cuts one who stays', async t => {
  const problems: string[] = []
  const port = await serve(t, () => {}, problems)
  const client = await dial(port)
  client.send(new Uint8Array(100_001))
  t.equal((await once(client, 'close'))[0], 1009)
  const raw = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13'
  raw.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`)
  raw.write(Buffer.from([0x81, 0x01, 0x61]))
  let said = Buffer.alloc(0)
  raw.on('data', (data: Buffer) => {
    said = Buffer.concat([said, data])
  })
  raw.on('error', () => {})
  await once(raw, 'end')
  t.ok(said.subarray(-4).equals(Buffer.from([0x88, 0x02, 0x03, 0xea])), 'closed with 1002')
  // It does not close: it is cut, and finds that out when it goes on.
  const writing = setInterval(() => raw.write('x'), 100)
  await new Promise(resolve => raw.once('close', resolve))
  clearInterval(writing)
  t.same(problems, ['tooLongMessage', 'badFrame'])
})

t.test('a request that is no upgrade to a websocket is refused', async t => {
  const port = await serve(t, () => t.fail('taken'))
  const raw = connect({ port, host: '127.0.0.1' })
  raw.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
  )
  const [answer] = await once(raw, 'data')
  t.match(String(answer), /^HTTP\/1\.1 400 /)
  raw.destroy()
})
