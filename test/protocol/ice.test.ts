import t from 'tap'
import { isTurnUrl, MAX_TURN_SERVERS } from '../../protocol/ice.js'
import { parseFromServer } from '../../protocol/signaling.js'

const turn = { url: 'turn:voice.test:3478', username: '1:abc', credential: 'AA==' }

t.test('tells the URL of a TURN server from anything else', async t => {
  for (const url of [
    'turn:voice.example.org:3478',
    'turns:voice.example.org:5349',
    'turn:203.0.113.7:3478?transport=udp',
    'turns:[2001:db8::1]:443?transport=tcp',
  ])
    t.ok(isTurnUrl(url), url)
  for (const url of [
    '',
    'turn:voice.example.org',
    'turn:voice.example.org:',
    'turn:voice.example.org:0',
    'turn:voice.example.org:65536',
    'turn://voice.example.org:3478',
    'stun:voice.example.org:3478',
    'TURN:voice.example.org:3478',
    'turn:user@voice.example.org:3478',
    'turn:voice.example.org:3478?transport=sctp',
    'turn:voice.example.org:3478?transport=udp&x=1',
    'turn:voice.example.org:3478/path',
    'turn:voice example.org:3478',
    'turn:voice.example.org:3478\n',
    'turn:2001:db8::1:3478',
    `turn:${'a'.repeat(300)}:3478`,
  ])
    t.notOk(isTurnUrl(url), url)
})

t.test('takes a bounded message, of ports and URLs that are some', async t => {
  const read = (ice: object) =>
    parseFromServer(JSON.stringify({ type: 'ice', stunPort: 9001, turn: [turn], ...ice })).ok
  t.ok(read({}))
  t.ok(read({ stunPort: null, turn: Array(MAX_TURN_SERVERS).fill(turn) }))
  t.notOk(read({ turn: Array(MAX_TURN_SERVERS + 1).fill(turn) }))
  for (const stunPort of [0, -1, 65536, 1.5, '9001']) t.notOk(read({ stunPort }), String(stunPort))
  for (const key of ['url', 'username', 'credential'])
    for (const value of ['', 'x'.repeat(301), 'a b', 'a\n', 'é', null, 7])
      t.notOk(read({ turn: [{ ...turn, [key]: value }] }), `${key} ${value}`)
  t.notOk(read({ turn: [{ ...turn, url: 'http://voice.test:80' }] }))
})
