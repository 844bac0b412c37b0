import t from 'tap'
import { iceServersAt } from '../../../peer/routes/ice-servers.js'

t.test('asks the server that offers it, where it was dialled, and no third party', async t => {
  const turn = [{ url: 'turn:turn.example.org:3478', username: '1:abc', credential: 'secret' }]
  t.same(iceServersAt(null), [])
  t.same(iceServersAt({ origin: 'ws://voice.example.org:9001', offered: { stunPort: null, turn: [] } }), [])
  t.same(iceServersAt({ origin: 'wss://voice.example.org', offered: { stunPort: 9001, turn } }), [
    { url: 'stun:voice.example.org:9001' },
    ...turn,
  ])
  t.same(iceServersAt({ origin: 'ws://[2001:db8::1]:9001', offered: { stunPort: 9002, turn: [] } }), [
    { url: 'stun:[2001:db8::1]:9002' },
  ])
})
