import t from 'tap'
import { isLoopback, limitKey, shownAddress } from '../../signaling/address.js'

const table: [address: string, key: string, shown: string][] = [
  ['203.0.113.77', '203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:DB8:0001:2::1', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64', '64:ff9b:0::/48'],
  ['', '', 'unknown'],
  ['<script>', '<script>', 'unknown'],
]
for (const [address, key, shown] of table)
  t.test(`counts "${address}" as ${key}, shows ${shown}`, async t => {
    t.equal(limitKey(address), key)
    t.equal(shownAddress(address), shown)
  })

t.test('knows loopback', async t => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) t.ok(isLoopback(address), address)
  for (const address of ['10.0.0.1', '::2', '', '127.0.0.1.example.org']) t.notOk(isLoopback(address), address)
})
