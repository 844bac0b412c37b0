import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { SlowProxy } from './slow-proxy.js'
import type { Direction } from './wire.js'

/** A websocket server that answers each message with itself, a proxy before it, and a client that is connected. */
async function echo(t: Test) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await once(server, 'listening')
  server.on('connection', socket => {
    socket.on('error', () => {})
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  const proxy = await SlowProxy.open((server.address() as AddressInfo).port)
  const client = new WebSocket(proxy.url, { perMessageDeflate: false })
  client.on('error', () => {})
  const answers: Buffer[] = []
  client.on('message', data => answers.push(data as Buffer))
  await once(client, 'open')
  t.teardown(async () => {
    client.terminate()
    await proxy.close()
    server.close()
  })
  return { proxy, client, answers, server }
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

t.test('passes messages on and reads what is on the wire, masked or not, short or long', async t => {
  const { proxy, client, answers } = await echo(t)
  for (const size of [0, 125, 126, 70_000]) {
    client.send(Buffer.alloc(size, 7))
    await once(client, 'message')
  }
  client.send('a text that passes')
  await once(client, 'message')
  t.same(
    answers.map(answer => answer.length),
    [0, 125, 126, 70_000, 18],
  )
  t.same(
    [...proxy.wire.binarySizes('up')],
    [
      [0, 1],
      [125, 1],
      [126, 1],
      [70_000, 1],
    ],
  )
  t.same(
    [...proxy.wire.binarySizes()].map(([, count]) => count),
    [2, 2, 2, 2],
  )
  const text = proxy.wire.messages.find(message => message.opcode === 1 && message.direction === 'up')
  t.equal(Buffer.from(text!.payload).toString(), 'a text that passes')
  t.ok(proxy.wire.holds(Buffer.from('that passes')))
  t.ok(proxy.wire.holds(Buffer.from('Sec-WebSocket-Key')), 'the opening request as well')
  t.notOk(proxy.wire.holds(Buffer.from('never said')))
})

t.test('puts fragments of a message together as one kind', async t => {
  const { proxy, client } = await echo(t)
  client.send(Buffer.alloc(10), { fin: false })
  client.send(Buffer.alloc(20), { fin: true })
  await once(client, 'message')
  t.same(
    [...proxy.wire.binarySizes('up')],
    [
      [10, 1],
      [20, 1],
    ],
  )
  t.same([...proxy.wire.binarySizes('down')], [[30, 1]])
})

t.test('delays each way by what is set, in order', async t => {
  const { proxy, client, answers } = await echo(t)
  proxy.set({ delayMs: 40 }, 'up')
  proxy.set({ delayMs: 30 }, 'down')
  const start = performance.now()
  for (let n = 0; n < 5; n++) client.send(`${n}`)
  while (answers.length < 5) await once(client, 'message')
  t.ok(performance.now() - start >= 69, 'no answer before 70 ms')
  t.same(answers.map(String), ['0', '1', '2', '3', '4'])
})

t.test('lets no more pass than the rate', async t => {
  const { proxy, client, answers } = await echo(t)
  proxy.set({ rateKbps: 80 }, 'up')
  const start = performance.now()
  // 20 messages of 106 bytes with their headers: 212 ms at 10 bytes a ms; 200 bytes may go at once.
  for (let n = 0; n < 20; n++) client.send(Buffer.alloc(100))
  while (answers.length < 20) await once(client, 'message')
  t.ok(performance.now() - start >= 180, `${performance.now() - start}`)
})

t.test('stalls and goes on without losing anything, and can do so one way', async t => {
  const { proxy, client, answers } = await echo(t)
  proxy.set({ stalled: true }, 'down')
  client.send('one')
  client.send('two')
  const came = (way: Direction) => proxy.wire.messages.filter(({ direction }) => direction === way).length
  while (came('up') < 2 || came('down') < 2) await sleep(1)
  t.same(answers, [], 'the answers came to the proxy, and no further')
  proxy.heal()
  while (answers.length < 2) await once(client, 'message')
  t.same(answers.map(String), ['one', 'two'])
})

t.test('pushes back when its buffer is full', async t => {
  const { proxy, client } = await echo(t)
  proxy.set({ stalled: true }, 'up')
  for (let n = 0; n < 1600 && client.bufferedAmount === 0; n++) {
    client.send(Buffer.alloc(16_000))
    if (n % 10 === 9) await sleep(1)
  }
  t.ok(client.bufferedAmount > 0, 'the sender feels it')
})

t.test('cuts connections, and takes new ones', async t => {
  const { proxy, client } = await echo(t)
  t.equal(proxy.connections, 1)
  proxy.cut()
  const [code] = await once(client, 'close')
  t.equal(code, 1006)
  const again = new WebSocket(proxy.url)
  await once(again, 'open')
  again.send('hello')
  await once(again, 'message')
  again.terminate()
})

t.test('refuses new connections while told to, and keeps the open ones', async t => {
  const { proxy, client } = await echo(t)
  await proxy.refuse(true)
  const refused = new WebSocket(proxy.url)
  const [error] = await once(refused, 'error')
  t.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
  client.send('still here')
  await once(client, 'message')
  await proxy.refuse(false)
  const again = new WebSocket(proxy.url)
  await once(again, 'open')
  again.terminate()
})

t.test('breaks the connection when the server is not there or goes away', async t => {
  const { proxy, client, server } = await echo(t)
  for (const socket of server.clients) socket.terminate()
  t.equal((await once(client, 'close'))[0], 1006)
  await new Promise(resolve => server.close(resolve))
  const nobody = new WebSocket(proxy.url)
  t.equal(((await once(nobody, 'error'))[0] as Error).name, 'Error')
})

t.test('passes a closing handshake on', async t => {
  const { proxy, client } = await echo(t)
  client.close(4001, 'enough')
  t.equal((await once(client, 'close'))[0], 4001)
  while (proxy.connections > 0) await sleep(1)
  t.equal(proxy.connections, 0)
})
