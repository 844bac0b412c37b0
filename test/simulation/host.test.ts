import t from 'tap'
import { connected } from './virtual-connected.js'

t.test('after a move, and stranded, it is dead without a word', async t => {
  const { clock, host, client, atClient, atServer } = connected()
  clock.advance(1_000)
  host.move()
  client.send('a')
  clock.advance(60_000)
  t.strictSame([atClient.closed, atServer().closed, atServer().messages], [null, null, []])
})

t.test('what came for a stopped process is read when it goes on, after its timers', async t => {
  const { clock, host, server, atClient } = connected()
  clock.advance(1_000)
  host.clock.setTimeout(() => atClient.messages.push('timer'), 500)
  host.stop()
  server().send('a')
  server().send('b')
  clock.advance(2_000)
  t.strictSame(atClient.messages, ['welcome'])
  host.go()
  t.strictSame(atClient.messages, ['welcome', 'timer', 'a', 'b'])
})

t.test('asleep nothing passes; awake it goes on', async t => {
  const { clock, host, client, server, atClient, atServer } = connected()
  clock.advance(1_000)
  client.send('on its way')
  clock.advance(10)
  host.sleep()
  server().send('a')
  clock.advance(20_000)
  t.strictSame(atClient.messages, ['welcome'])
  t.strictSame(atServer().messages, [])
  host.wake()
  clock.advance(100)
  t.strictSame(atServer().messages, ['on its way'], 'its own timers woke up with it')
  clock.advance(10_000)
  t.strictSame(atClient.messages, ['welcome', 'a'], "the server's take their time")
})

t.test('a process that is killed closes its sockets, and hears nothing', async t => {
  const { clock, host, network, atClient, atServer } = connected()
  clock.advance(1_000)
  host.clock.setTimeout(() => atClient.messages.push('timer'), 500)
  host.kill()
  clock.advance(5_000)
  t.equal(atServer().closed, '1006 ')
  t.equal(atClient.closed, null)
  t.strictSame(atClient.messages, ['welcome'])
  t.equal(network.sockets + clock.pending, 0)
})
