/** The echo program of a server that is killed, and one whose server is. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { defaultLimits } from '../../signaling/limits.js'
import { only } from '../lab/event.js'
import { Lab, type Server } from '../lab/lab.js'
import { WsClient } from '../signaling/ws-client.js'
import { sleep } from './whole-call.js'

t.setTimeout(120_000)
const lab = new Lab()
t.teardown(() => lab.close())
const skip = process.platform === 'linux' ? false : 'looks at processes in /proc, which only Linux has'

function testCall(server: Server, seconds: number) {
  const devices = ['--mic', 'tone', '--speaker', 'none']
  return lab.peer(['--test-call', '--json', '--server', server.url, ...devices, '--for', `${seconds}`])
}

t.test('an echo program that is killed comes back, for the next test call', { skip }, async t => {
  const server = await lab.server({ args: ['--echo'] })
  await server.event(line => line.msg === 'echo ready', 20_000)
  const pid = echoPid(server)
  const peer = testCall(server, 5)
  await peer.event(event => event.event === 'stats' && event.levelOut > -60, 20_000)
  process.kill(pid, 'SIGKILL')
  const before = server.events.length
  await peer.event(event => event.event === 'state' && event.reason === 'silent', 20_000)
  t.equal((await peer.exit(40_000)).code, 0, 'it was heard back while there was an echo')
  await server.event(line => line.msg === 'echo ready', 20_000, before)
  t.match(
    server.events.find(line => line.msg === 'echo ended'),
    { why: 'SIGKILL' },
    'the log tells',
  )
  t.not(echoPid(server), pid)
  const again = testCall(server, 4)
  t.equal((await again.exit(40_000)).code, 0)
  t.match(only('testCall', again.events), [{ verdict: 'heardBack' }])
})

t.test('it does not outlive its server, ended or killed', { skip }, async t => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const server = await lab.server({ args: ['--echo'], stateDir: lab.path(signal) })
    await server.event(line => line.msg === 'echo ready', 20_000)
    const pid = echoPid(server)
    t.ok(runs(pid))
    server.kill(signal)
    await server.exit()
    for (let n = 0; n < 50 && runs(pid); n++) await sleep(100)
    t.notOk(runs(pid), signal)
  }
})

t.test('one address can have it call so often and no more', async t => {
  const server = await lab.server({ args: ['--echo', '--log-ids'], stateDir: lab.path('often') })
  await server.event(line => line.msg === 'echo ready', 20_000)
  const client = await WsClient.online(server.url, 'Anna')
  const peers = new Set<string>()
  for (let n = 0; n < defaultLimits.echoesPerAddressPerMinute; n++) {
    client.say({ type: 'echo' })
    peers.add((await client.next('echo')).peer)
  }
  t.equal(peers.size, defaultLimits.echoesPerAddressPerMinute, 'each an echo peer of its own')
  client.say({ type: 'echo' })
  t.match(await client.next('error'), { name: 'echoBusy', message: /Too many test calls .*minute/ })
  for (const peer of peers) await server.event(line => line.msg === 'online' && line.id === peer, 20_000)
})

function echoPid(server: Server): number {
  return Number(server.events.findLast(({ msg }) => msg === 'echo ready')?.pid)
}

function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
