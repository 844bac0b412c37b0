import t from 'tap'
import { placeToGo } from '../../../peer/signaling/other-server.js'

const mayGoTo = (home: string, url: string) => placeToGo(home, home, url) !== null

const PUBLIC = 'wss://voice.example.org'
const PLAIN = 'ws://203.0.113.7:9001'

t.test('goes to servers of the same kind', async t => {
  t.ok(mayGoTo(PUBLIC, 'wss://two.example.org'))
  t.ok(mayGoTo(PUBLIC, 'wss://voice.example.org/?server=2'))
  t.equal(
    placeToGo(PUBLIC, 'wss://two.example.org', '/?server=3'),
    'wss://two.example.org/?server=3',
    'relative to who says it',
  )
  t.ok(mayGoTo(PLAIN, 'ws://203.0.113.8:9001'))
  t.ok(mayGoTo(PLAIN, 'wss://two.example.org'), 'to a better one')
})

t.test('never from TLS to none, nor to what is no server', async t => {
  t.notOk(mayGoTo(PUBLIC, 'ws://voice.example.org'))
  for (const url of ['https://voice.example.org', 'file:///etc/passwd', 'wss://', 'wss://a:b@voice.example.org'])
    t.notOk(mayGoTo(PUBLIC, url), url)
})

t.test('from outside to no door inside', async t => {
  const inside = [
    'localhost',
    'printer.local',
    '127.0.0.1:22',
    '127.1',
    '2130706433',
    '0x7f.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00::1]',
    '[::ffff:127.0.0.1]',
  ]
  for (const host of inside) {
    t.notOk(mayGoTo(PUBLIC, `wss://${host}`), host)
    t.notOk(mayGoTo(PLAIN, `ws://${host}`), host)
    t.ok(mayGoTo('ws://192.168.1.9:9001', `ws://${host}`), `${host}, from inside`)
  }
  for (const host of ['172.32.0.1', '100.128.0.1', '11.0.0.1', '[2001:db8::1]', 'local.example.org', 'fd.example.org'])
    t.ok(mayGoTo(PUBLIC, `wss://${host}`), host)
})
