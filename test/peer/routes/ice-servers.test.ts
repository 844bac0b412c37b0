import t from 'tap'
import { iceServersAt } from '../../../peer/routes/ice-servers.js'

t.test('asks the server where it was dialled, and no third party', async t => {
  const turn = [{ url: 'turn:turn.example.org:3478', username: '1:abc', credential: 'secret' }]
  t.same(iceServersAt('ws://voice.example.org:9001', null), [])
  t.same(iceServersAt('ws://voice.example.org:9001', { stunPort: null, turn: [] }), [])
  t.same(iceServersAt('wss://voice.example.org', { stunPort: 9001, turn }), [
    { url: 'stun:voice.example.org:9001' },
    ...turn,
  ])
  t.same(iceServersAt('ws://[2001:db8::1]:9001', { stunPort: 9002, turn: [] }), [{ url: 'stun:[2001:db8::1]:9002' }])
})
