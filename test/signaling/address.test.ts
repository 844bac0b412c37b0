import t from 'tap'
import { addressBytes, isLoopback, limitKey } from '../../signaling/address.js'

const table: [address: string, key: string][] = [
  ['203.0.113.77', '203.0.113.77'],
  ['::ffff:203.0.113.77', '203.0.113.77'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ['', ''],
  ['<script>', '<script>'],
]
for (const [address, key] of table)
  t.test(`counts "${address}" as ${key}`, async t => {
    t.equal(limitKey(address), key)
  })

t.test('knows loopback', async t => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) t.ok(isLoopback(address), address)
  for (const address of ['10.0.0.1', '::2', '', '127.0.0.1.example.org']) t.notOk(isLoopback(address), address)
})

t.test('writes addresses as bytes, mapped ones as IPv4', async t => {
  const cases: [string, string | null][] = [
    ['192.0.2.1', 'c0000201'],
    ['::ffff:192.0.2.1', 'c0000201'],
    ['::ffff:c000:201', 'c0000201'],
    ['0:0:0:0:0:ffff:c000:0201', 'c0000201'],
    ['2001:db8:1234:5678:11:2233:4455:6677', '20010db8123456780011223344556677'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['::1', '00000000000000000000000000000001'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['', null],
    ['voice.example.org', null],
  ]
  for (const [address, hex] of cases) {
    const bytes = addressBytes(address)
    t.equal(bytes && Buffer.from(bytes).toString('hex'), hex, address)
  }
})
