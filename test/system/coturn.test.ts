import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { turnCredentials } from '../../signaling/turn.js'
import { coturn } from '../lab/coturn.js'
import { allocate } from './turn-client.js'

const SECRET = 'north-wind-over-water'
const skip = coturn.available() ?? false

/** Starts coturn on a free UDP port of loopback, for one secret. */
async function startCoturn(t: Test): Promise<number> {
  const free = createSocket('udp4').bind(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address()
  await new Promise<void>(resolve => free.close(() => resolve()))
  t.teardown(coturn.start({ secret: SECRET, address: '127.0.0.1', port }))
  return port
}

t.test('a real TURN server takes our credentials, and no others', { skip, timeout: 60_000 }, async t => {
  const port = await startCoturn(t)
  const now = Date.now()
  const good = turnCredentials(SECRET, 'anna', now)
  t.equal(await allocate(port, good), 'allocated')
  t.equal(await allocate(port, turnCredentials(SECRET, 'Ben.2_x-y', now, 60_000)), 'allocated')
  t.equal(await allocate(port, turnCredentials(SECRET, 'anna', now - 2 * 3_600_000)), 401, 'they ended an hour ago')
  t.equal(await allocate(port, turnCredentials('another-secret', 'anna', now)), 401, 'of another secret')
  const [expiry] = good.username.split(':')
  t.equal(await allocate(port, { ...good, username: `${expiry}:ben` }), 401, "someone else's")
  t.equal(await allocate(port, { ...good, username: `${Number(expiry) + 3600}:anna` }), 401, 'made to last longer')
  t.equal(await allocate(port, good), 'allocated', 'again')
})
