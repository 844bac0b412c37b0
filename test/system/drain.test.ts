/** A server that is told to end while it relays voice. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Lab } from '../lab/lab.js'
import { legFrame } from '../leg-message.js'
import { realCall, WsClient } from '../signaling/ws-client.js'

const frame = legFrame(0, [7])

/** A real server, and two who talk over it. */
async function talking(t: Test) {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const server = await lab.server()
  const call = await realCall(server.url)
  const voice = setInterval(() => {
    for (const { socket } of [call.a, call.b]) if (socket.readyState === socket.OPEN) socket.send(frame)
  }, 20)
  t.teardown(() => clearInterval(voice))
  // Voice is what goes on for a while.
  await sleep(500)
  return { server, ...call }
}

t.test('waits for the call, takes no new one, and ends when it is over', { timeout: 60_000 }, async t => {
  const { server, a, b } = await talking(t)
  server.kill('SIGTERM')
  await server.event(line => line.msg === 'draining')
  const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { reasons: ['draining'] })
  const late = await WsClient.online(server.url, 'late')
  late.say({ type: 'call', to: 'later' })
  t.match(await late.next('error'), { name: 'draining' })
  const before = b.binary.length
  await sleep(1_000)
  t.ok(server.running)
  t.ok(b.binary.length > before, 'they go on talking')
  a.say({ type: 'leave', reason: 'hungUp' })
  t.match(await server.exit(20_000), { code: 0 })
  t.match(await late.untilClosed(), { code: 1012 }, 'who waits is to come back')
})

t.test('told twice, it does not wait', { timeout: 60_000 }, async t => {
  const { server, a } = await talking(t)
  server.kill('SIGTERM')
  await server.event(line => line.msg === 'draining')
  server.kill('SIGTERM')
  t.match(await server.exit(10_000), { code: 0 })
  t.match(await a.untilClosed(), { code: 1012 })
})
