import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { startStun } from '../../signaling/stun-server.js'
import { askStun } from './ask-stun.js'

t.test('tells a client on loopback its own address and port', async t => {
  const stun = await startStun({ host: '127.0.0.1', port: 0 })
  t.teardown(() => stun.close())
  const { seen, own } = await askStun(stun.port)
  t.same(seen, `127.0.0.1:${own}`)
})

t.test('listens everywhere, and calls an IPv4 client so', async t => {
  const stun = await startStun({ port: 0 })
  t.teardown(() => stun.close())
  const { seen, own } = await askStun(stun.port)
  t.same(seen, `127.0.0.1:${own}`)
})

t.test('goes on after rubbish and after answers that nobody takes', async t => {
  const stun = await startStun({ host: '127.0.0.1', port: 0 })
  t.teardown(() => stun.close())
  for (const bytes of ['', 'hello', '\0\x01\0\0!\x12']) {
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.send(bytes, stun.port, '127.0.0.1', () => socket.close(() => resolve())))
  }
  for (let i = 0; i < 20; i++) await askStun(stun.port, { waits: false })
  const { seen, own } = await askStun(stun.port)
  t.same(seen, `127.0.0.1:${own}`)
})

t.test('rejects where the port is taken, and gives it back when it closes', async t => {
  const first = await startStun({ host: '127.0.0.1', port: 0 })
  await t.rejects(startStun({ host: '127.0.0.1', port: first.port }), { code: 'EADDRINUSE' })
  await Promise.all([first.close(), first.close()])
  const socket = createSocket('udp4').bind(first.port, '127.0.0.1')
  await once(socket, 'listening')
  await t.rejects(startStun({ host: '127.0.0.1', port: first.port }), { code: 'EADDRINUSE' }, 'another program')
  socket.close()
})
