import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { turnCredentials } from '../../signaling/turn.js'
import { allocate } from './turn-client.js'

const SECRET = 'north-wind-over-water'
const skip = spawnSync('turnserver', ['--version']).error ? 'no turnserver here (coturn)' : false

/** Starts coturn on a free UDP port of loopback, for one secret. */
async function startCoturn(t: Test): Promise<number> {
  const free = createSocket('udp4').bind(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address()
  await new Promise<void>(resolve => free.close(() => resolve()))
  const dir = t.testdir()
  const options = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--log-file=stdout', '--realm=voicechat.test']
  options.push('--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`)
  options.push('--use-auth-secret', `--static-auth-secret=${SECRET}`, `--userdb=${dir}/db`, `--pidfile=${dir}/pid`)
  const server = spawn('turnserver', options, { stdio: 'ignore' })
  const gone = once(server, 'close')
  t.teardown(async () => {
    server.kill('SIGKILL')
    await gone
  })
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
