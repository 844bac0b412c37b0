import { networkInterfaces } from 'node:os'
import t from 'tap'
import { originAt, ownHosts, publicOrigins } from '../../signaling/origins.js'

t.test('reduces public URLs to their origins', async t => {
  t.same(publicOrigins(['wss://Voice.Example.org/', 'ws://203.0.113.7:9001']), [
    'wss://voice.example.org',
    'ws://203.0.113.7:9001',
  ])
})

for (const url of ['voice.example.org', 'https://voice.example.org', '', 'ws://', '9001'])
  t.test(`refuses the public URL "${url}"`, async t => {
    t.throws(() => publicOrigins([url]), { name: 'badPublicUrl' })
  })

t.test('answers to every address of this machine', async t => {
  const hosts = ownHosts()
  const addresses = Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
  for (const host of ['localhost', '127.0.0.1', '::1', ...addresses]) t.ok(hosts.includes(host), host)
})

t.test('answers to the one address that it listens at', async t => {
  t.same(ownHosts('192.0.2.1'), ['192.0.2.1'])
  t.ok(ownHosts('127.0.0.1').includes('localhost'))
})

t.test('writes origins, with brackets around IPv6', async t => {
  t.equal(originAt('localhost', 9001), 'ws://localhost:9001')
  t.equal(originAt('::1', 9001), 'ws://[::1]:9001')
  t.equal(originAt('localhost', 80), 'ws://localhost')
  t.equal(originAt('fe80::1%eth0', 9001), null)
})
