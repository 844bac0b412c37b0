import t from 'tap'
import { lanAddress } from '../../signaling/index.js'
import { only } from '../lab/event.js'
import { freePort } from '../lab/lab.js'
import { ConnectProxy } from './connect-proxy.js'
import { sleep, talks, WholeCall } from './whole-call.js'

t.setTimeout(120_000)
const address = lanAddress()
const skip =
  address === undefined ? 'this machine has no address but loopback, which is never dialled through a proxy' : false

t.test('reaches the server through the proxy that HTTPS_PROXY names', { skip }, async t => {
  const proxy = await ConnectProxy.open()
  t.teardown(() => proxy.close())
  const port = await freePort()
  const url = `ws://${address}:${port}`
  const call = await WholeCall.start(t, {
    port,
    serverArgs: ['--host', '0.0.0.0'],
    a: { url, env: { HTTPS_PROXY: proxy.url } },
    b: { url },
  })
  await call.talking()
  await sleep(1000)
  t.same(await call.hangUp(), [0, 0])
  t.same(proxy.targets, [`${address}:${port}`], 'one side came through the proxy, the other did not')
})

t.test('lets both sides of a call be programs with the same key', async t => {
  const call = await WholeCall.start(t, { a: { home: 'shared' }, b: { home: 'shared' } })
  await call.talking()
  await sleep(1000)
  t.same(await call.hangUp(), [0, 0])
})

t.test('refuses a second program with the id of the first, whatever its key, and the call goes on', async t => {
  const call = await WholeCall.start(t)
  await call.talking()
  for (const [home, why, says] of [
    ['home-ABC', 'elsewhere', /online already/],
    ['home-stranger', 'taken', /belongs to someone else/],
  ] as const) {
    const intruder = call.side('ABC', 'XYZ', 'congratulations', { home, name: why })
    t.equal((await intruder.peer.exit()).code, 4, why)
    const [error] = only('error', intruder.peer.events)
    t.match(error, { name: 'refused', message: says })
    t.comment(`${why}: ${error?.message} ${error?.hint}`)
    t.ok(call.server.events.some(line => line.msg === 'refused' && line.why === why))
  }
  const before = call.a.peer.events.length
  await sleep(1500)
  const since = call.a.peer.events.slice(before)
  t.ok(
    only('stats', since).some(({ kbpsDown, kbpsUp }) => kbpsDown > 20 && kbpsUp > 20),
    'voice still goes both ways',
  )
  await Promise.all([call.a, call.b].map(side => talks(side)))
  for (const { peer } of [call.a, call.b])
    t.notOk(
      only('state', peer.events).some(({ reason }) => reason === 'silent'),
      'never silent',
    )
  t.same(await call.hangUp(), [0, 0])
})
