import type { Socket } from 'node:net'
import t from 'tap'
import { Proxies } from '../../signaling/proxies.js'

/** The client of a connection from this address, with these X-Forwarded-For. */
const client = (proxies: Proxies, from: string | undefined, forwarded?: string) =>
  proxies.clientOf({
    socket: { remoteAddress: from } as Socket,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  })

t.test('this machine is trusted, others only when named', async t => {
  const none = new Proxies()
  for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) t.ok(none.trusts(own), own)
  const some = new Proxies(['10.1.0.0/16', '192.0.2.7', 'fd00:1::/32', '2001:db8::7'])
  for (const named of ['10.1.255.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd00:1:2::3', '2001:db8::7', 'fd00:1::1%eth0']) {
    t.ok(some.trusts(named), named)
    t.notOk(none.trusts(named), named)
  }
  for (const other of ['10.2.0.1', '192.0.2.8', 'fd00:2::1', '2001:db8::8', '', 'unknown', '10.1.2.3:99'])
    t.notOk(some.trusts(other), other)
})

t.test('the client is the last that a trusted proxy has not written of another one', async t => {
  const proxies = new Proxies(['10.0.0.0/8'])
  t.equal(client(proxies, '198.51.100.1', '203.0.113.9'), '198.51.100.1', 'a stranger says what it likes')
  t.equal(client(proxies, '10.0.0.5'), '10.0.0.5')
  t.equal(client(proxies, '10.0.0.5', '203.0.113.9'), '203.0.113.9')
  t.equal(client(proxies, '10.0.0.5', '192.0.2.1, 203.0.113.9'), '203.0.113.9', 'before it the client may have lied')
  t.equal(
    client(proxies, '127.0.0.1', '192.0.2.1,203.0.113.9 , 10.0.0.6'),
    '203.0.113.9',
    'two proxies, one behind the other',
  )
  t.equal(client(proxies, '::ffff:10.0.0.5', '2001:db8::9'), '2001:db8::9')
  t.equal(client(proxies, '127.0.0.1', '10.0.0.6'), '10.0.0.6', 'the proxy itself')
  for (const nonsense of ['', 'unknown', '203.0.113.9, ', '203.0.113.9:4711'])
    t.equal(client(proxies, '10.0.0.5', nonsense), '10.0.0.5', `"${nonsense}"`)
  t.equal(client(proxies, undefined, '203.0.113.9'), '', 'it is gone already')
})

t.test('what is no address and no network is named', async t => {
  for (const bad of [
    'proxy.example.org',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/x',
    '10.0.0.1:80',
    '/8',
  ])
    t.throws(() => new Proxies([bad]), { name: 'badTrustedProxy', message: bad, hint: /10\.0\.0\.5/ }, `"${bad}"`)
})
