import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import t from 'tap'
import { watchAddresses } from '../../peer/node-addresses.js'

type Interfaces = ReturnType<typeof os.networkInterfaces>

const ipv4 = (address: string) =>
  ({ address, family: 'IPv4', netmask: '255.255.255.0', internal: false, mac: '', cidr: null }) as const
const ipv6 = (address: string) =>
  ({
    address,
    family: 'IPv6',
    netmask: 'ffff:ffff:ffff:ffff::',
    internal: false,
    mac: '',
    cidr: null,
    scopeid: 0,
  }) as const

t.test('tells when this machine has other addresses', async t => {
  const { networkInterfaces } = os
  let now: Interfaces = { wlan0: [ipv4('192.168.1.2'), ipv6('2001:db8::1')] }
  os.networkInterfaces = () => now
  syncBuiltinESMExports()
  t.teardown(() => {
    os.networkInterfaces = networkInterfaces
    syncBuiltinESMExports()
  })
  let changes = 0
  const unwatch = watchAddresses(() => changes++)
  const look = () => new Promise(resolve => setTimeout(resolve, 1_300))
  await look()
  t.equal(changes, 0, 'nothing changed')
  now = { wlan0: [ipv4('192.168.1.2'), ipv6('2001:db8::1'), ipv6('2001:db8::abcd:1')] }
  await look()
  t.equal(changes, 0, 'a temporary address of the same network')
  now = { eth0: [ipv4('192.168.7.2')] }
  await look()
  t.equal(changes, 1, 'another network')
  unwatch()
  now = {}
  await look()
  t.equal(changes, 1, 'nobody listens any more')
})
