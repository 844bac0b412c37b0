import t from 'tap'
import { ok } from '../../protocol/result.js'
import { EchoDesk } from '../../signaling/echo-desk.js'
import { world } from './fake-world.js'

const desk = (echoCalls = 2, echoesPerAddressPerMinute = 6) => new EchoDesk({ echoCalls, echoesPerAddressPerMinute })
const said = (result: ReturnType<EchoDesk['ask']>) => (result.ok ? result.value : result.error.name)

t.test('gives each caller an echo peer of its own, as long as there are any', async t => {
  const echo = desk()
  t.equal(said(echo.ask('x', 0)), 'noEcho', 'the program does not run yet')
  echo.opens('r1')
  const first = said(echo.ask('x', 0))
  t.same([first, said(echo.ask('y', 0)), said(echo.ask('z', 0))], ['echo-r1-1', 'echo-r1-2', 'echoBusy'])
  echo.ended(first)
  t.equal(said(echo.ask('z', 0)), first)
})

t.test('has new names after the program was started again, and none while it is gone', async t => {
  const echo = desk()
  echo.opens('r1')
  echo.ask('x', 0)
  echo.closes()
  t.equal(said(echo.ask('x', 0)), 'noEcho')
  echo.opens('r2')
  t.equal(said(echo.ask('x', 0)), 'echo-r2-1')
})

t.test('one address may ask so often a minute', async t => {
  const echo = desk(100, 3)
  echo.opens('r1')
  const ask = (key: string, now: number) => said(echo.ask(key, now))
  t.same([ask('x', 0), ask('x', 0), ask('x', 0)], ['echo-r1-1', 'echo-r1-2', 'echo-r1-3'])
  t.equal(ask('x', 1_000), 'echoBusy')
  t.equal(ask('y', 1_000), 'echo-r1-4')
  t.equal(ask('x', 21_000), 'echo-r1-5')
})

t.test('a server tells who will call, and one without an echo what to do', async t => {
  const asked: string[][] = []
  const { online } = world({
    echo: (id, limitKey) => {
      asked.push([id, limitKey])
      return ok('echo-r1-1')
    },
  })
  const a = online('Anna').say({ type: 'echo' })
  t.match(a.last('echo'), { peer: 'echo-r1-1' })
  t.same(asked, [['Anna', '10.0.0.1']])
  const b = world().online('Ben').say({ type: 'echo' })
  t.match(b.last('error'), { name: 'noEcho', message: /voicechat-server --echo, or leave --server away/ })
  t.equal(b.closed, null)
})
