import t from 'tap'
import type { ServerEvent } from '../../../peer/call/events.js'
import { ServerLink } from '../../../peer/signaling/link.js'
import { fromBase64url, toBase64url } from '../../../protocol/bytes.js'
import { createIdentity } from '../../../protocol/identity.js'
import { verifyLogin } from '../../../protocol/login.js'
import { LEG_HEADER_BYTES } from '../../../protocol/relay-leg.js'
import { type FromServer, parseFromPeer, SIGNALING_VERSION } from '../../../protocol/signaling.js'
import { legAck, legFrame } from '../../leg-message.js'
import { seeded } from '../../protocol/seeded.js'
import { matchAll } from '../match-all.js'
import { FakeSocket } from './fake-socket.js'

const ORIGIN = 'ws://server.test:9001'
const CALL = 'AAAAAAAAAAAAAAAAAAAAAA'
const identity = createIdentity(seeded('identity'))
const session = seeded('session')(16)
const challengeBytes = seeded('challenge')(32)
const challenge: FromServer = {
  type: 'challenge',
  v: SIGNALING_VERSION,
  challenge: toBase64url(challengeBytes),
  server: 'test',
}

function setUp() {
  const sockets: FakeSocket[] = []
  const events: ServerEvent[] = []
  const frames: Uint8Array[] = []
  let now = 1_000
  const dialled: (string | undefined)[] = []
  const dial = (url?: string) => {
    const socket = new FakeSocket()
    sockets.push(socket)
    dialled.push(url)
    return socket
  }
  const link = new ServerLink({ dial, origin: ORIGIN, id: 'Abc', identity, session, now: () => now }, event =>
    events.push(event),
  )
  link.onFrame = sealed => frames.push(sealed.slice())
  /** Dials, logs in, and is adopted and matched unless told otherwise. */
  const online = (attempt: number, adopt = true): FakeSocket => {
    link.command({ type: 'dial', attempt })
    const socket = sockets.at(-1)!
    socket.say(challenge)
    socket.say({ type: 'online', id: 'Abc' })
    if (adopt) {
      link.command({ type: 'adopt', attempt })
      socket.say({ type: 'matched', callId: CALL, peer: 'XYZ', resumed: true })
    }
    socket.takeTexts()
    events.length = 0
    return socket
  }
  return { sockets, dialled, events, frames, link, online, later: (ms: number) => (now += ms) }
}

t.test('answers the challenge with a login that its key signed for this server alone', async t => {
  const { sockets, events, link } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  const [socket] = sockets
  t.same(socket?.sent, [], 'says nothing before the challenge')
  socket?.say(challenge)
  const [text] = socket!.sent
  const parsed = parseFromPeer(String(text))
  if (!parsed.ok || parsed.value.type !== 'login') return t.fail('not a login')
  const { key, signature, ...claims } = parsed.value
  t.match(claims, { v: SIGNALING_VERSION, id: 'Abc', origin: ORIGIN, session: toBase64url(session) })
  t.same(fromBase64url(key), identity.publicKey)
  const claim = { origin: ORIGIN, id: 'abc', challenge: challengeBytes, session }
  const signed = fromBase64url(signature)!
  t.ok(verifyLogin(identity.publicKey, claim, signed))
  t.notOk(verifyLogin(identity.publicKey, { ...claim, origin: 'ws://other.test:9001' }, signed))
  t.notOk(verifyLogin(identity.publicKey, { ...claim, challenge: seeded('other')(32) }, signed))
  t.same(events.splice(0), [{ type: 'server.greeted', attempt: 1 }])
  socket?.say({ type: 'online', id: 'Abc' })
  t.same(events, [{ type: 'server.online', attempt: 1 }])
})

t.test('signs one login for each connection, however often it is asked', async t => {
  const { link, sockets, events } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  for (let n = 0; n < 3; n++) sockets[0]?.say(challenge)
  t.equal(sockets[0]?.sent.length, 1)
  t.same(events, [{ type: 'server.greeted', attempt: 1 }])
})

t.test('keeps its session over all its logins', async t => {
  const { sockets, link } = setUp()
  for (const attempt of [1, 2]) link.command({ type: 'dial', attempt })
  const logins = sockets.map(socket => {
    socket.say(challenge)
    return socket.takeTexts()[0]
  })
  t.equal(logins[0]?.session, logins[1]?.session)
})

t.test('gives up on a server of another version, and on what is no such server', async t => {
  const greetings: [string, RegExp][] = [
    [JSON.stringify({ ...challenge, v: SIGNALING_VERSION + 1 }), /speaks version 2 of the protocol, this program 1/],
    ['<html>', /no VoiceChat server/],
    ['{"type":"hello"}', /no VoiceChat server/],
    [JSON.stringify({ ...challenge, challenge: 'short' }), /no VoiceChat server/],
  ]
  for (const [greeting, sentence] of greetings) {
    const { sockets, events, link } = setUp()
    link.command({ type: 'dial', attempt: 1 })
    sockets[0]?.onMessage(greeting)
    matchAll(t, events, [{ type: 'server.refused', attempt: 1, reason: 'version', message: sentence }], greeting)
    t.equal(sockets[0]?.ended, 'terminated')
    t.same(sockets[0]?.sent, [], 'signs nothing')
    sockets[0]?.onClose(1006, '')
    t.equal(events.length, 1, 'says it once')
  }
})

t.test('reports a refusal with its reason, once', async t => {
  const { sockets, events, link } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  const [socket] = sockets
  socket?.say(challenge)
  events.length = 0
  socket?.say({ type: 'refused', reason: 'taken', message: 'The id belongs to someone else.' })
  const refused = { type: 'server.refused', attempt: 1, reason: 'taken', message: 'The id belongs to someone else.' }
  t.same(events, [refused])
  t.equal(socket?.ended, 'terminated')
  socket?.onClose(1008, 'taken')
  socket?.say({ type: 'online', id: 'Abc' })
  t.same(events, [refused])
})

t.test('passes on what the server says, word for word', async t => {
  const { events, online } = setUp()
  const socket = online(1)
  const pairs: [FromServer, ServerEvent][] = [
    [
      { type: 'presence', to: 'XYZ', state: 'busy' },
      { type: 'server.presence', state: 'busy' },
    ],
    [
      { type: 'matched', callId: CALL, peer: 'XYZ', resumed: true },
      { type: 'server.matched', callId: CALL, resumed: true },
    ],
    [
      { type: 'pass', callId: CALL, data: 'AAAA' },
      { type: 'server.pass', callId: CALL, data: 'AAAA' },
    ],
    [
      { type: 'away', callId: CALL },
      { type: 'server.away', callId: CALL },
    ],
    [
      { type: 'back', callId: CALL },
      { type: 'server.back', callId: CALL },
    ],
    [
      { type: 'left', callId: CALL, reason: 'noRoute' },
      { type: 'server.left', callId: CALL, reason: 'noRoute' },
    ],
    [
      { type: 'restarting', reconnectInMs: 100, tryForMs: 2_000 },
      { type: 'server.restarting', reconnectInMs: 100, tryForMs: 2_000 },
    ],
    [
      { type: 'error', name: 'flood', message: 'Too much.' },
      { type: 'server.error', name: 'flood', message: 'Too much.' },
    ],
    [
      { type: 'error', name: 'quotaUsedUp', message: 'Tomorrow.' },
      { type: 'server.usedUp', message: 'Tomorrow.' },
    ],
    [
      { type: 'error', name: 'quotaEndsSoon', message: 'In a minute.' },
      { type: 'server.error', name: 'quotaEndsSoon', message: 'In a minute.' },
    ],
    [
      { type: 'pong', n: 4 },
      { type: 'server.pong', attempt: 1 },
    ],
  ]
  for (const [message] of pairs) socket.say(message)
  t.same(
    events,
    pairs.map(([, event]) => event),
  )
})

t.test('ignores what it does not understand once it is online', async t => {
  const { events, online } = setUp()
  const socket = online(1)
  for (const text of ['', 'not json', '{"type":"news"}', '{"type":"pass"}', 'x'.repeat(20_000)]) socket.onMessage(text)
  t.same(events, [])
  t.equal(socket.ended, null)
})

t.test('keeps the newest offer for a direct route, and troubles the statechart with none', async t => {
  const { events, online, link } = setUp()
  const turn = { url: 'turn:voice.test:3478', username: '1:abc', credential: 'AA==' }
  const socket = online(1)
  t.equal(link.ice, null)
  socket.say({ type: 'ice', stunPort: 9001, turn: [turn] })
  t.strictSame(link.ice, { origin: ORIGIN, offered: { stunPort: 9001, turn: [turn] } })
  socket.onMessage('{"type":"ice","stunPort":0,"turn":[]}')
  t.same(link.ice?.offered.stunPort, 9001, 'what is malformed changes nothing')
  socket.onClose(1006, '')
  t.same(link.ice?.offered.stunPort, 9001, 'it outlives the socket')
  t.same(events.splice(0), [{ type: 'server.closed', attempt: 1, why: '' }])
  online(2, false).say({ type: 'ice', stunPort: null, turn: [] })
  t.strictSame(link.ice?.offered, { stunPort: null, turn: [] }, 'of a socket that is not in use yet too')
  t.same(events, [])
})

t.test('takes no offer from a socket that is not logged in', async t => {
  const { sockets, link } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  sockets[0]?.say(challenge)
  sockets[0]?.say({ type: 'ice', stunPort: 9001, turn: [] })
  t.equal(link.ice, null)
})

t.test('hears only greetings and pongs from a socket that is not in use', async t => {
  const { events, online } = setUp()
  online(1)
  const second = online(2, false)
  second.say({ type: 'matched', callId: CALL, peer: 'XYZ', resumed: false })
  second.say({ type: 'left', callId: CALL, reason: 'hungUp' })
  second.say({ type: 'restarting', reconnectInMs: 1, tryForMs: 1 })
  t.same(events, [])
  second.say({ type: 'pong', n: 1 })
  t.same(events, [{ type: 'server.pong', attempt: 2 }])
})

t.test('tells the server over the socket in use', async t => {
  const { online, link } = setUp()
  link.command({ type: 'tell', message: { type: 'ping', n: 0 } })
  const first = online(1)
  const second = online(2, false)
  link.command({ type: 'tell', message: { type: 'call', to: 'XYZ' } })
  t.same(first.takeTexts(), [{ type: 'call', to: 'XYZ' }])
  t.same(second.sent, [])
  link.command({ type: 'adopt', attempt: 2 })
  link.command({ type: 'tell', message: { type: 'call', to: 'XYZ', resume: CALL } })
  t.same(second.takeTexts(), [{ type: 'call', to: 'XYZ', resume: CALL }])
  t.same(first.sent, [])
})

t.test('drops the other sockets when it adopts one, and hears no more of them', async t => {
  const { events, online, link, sockets, frames } = setUp()
  const first = online(1)
  link.command({ type: 'dial', attempt: 2 })
  online(3)
  t.same(
    sockets.map(({ ended }) => ended),
    ['terminated', 'terminated', null],
  )
  first.onClose(1006, '')
  first.say({ type: 'pong', n: 1 })
  first.onMessage(legFrame(0, [9]))
  t.same(events, [])
  t.same(frames, [])
})

t.test('abandons one socket and keeps the other', async t => {
  const { online, link, sockets } = setUp()
  const first = online(1)
  link.command({ type: 'dial', attempt: 2 })
  link.command({ type: 'abandon', attempt: 2 })
  link.command({ type: 'abandon', attempt: 7 })
  t.equal(sockets[1]?.ended, 'terminated')
  t.equal(first.ended, null)
  link.command({ type: 'abandon', attempt: 1 })
  t.equal(first.ended, 'terminated')
  link.command({ type: 'tell', message: { type: 'ping', n: 0 } })
  link.send(new Uint8Array(120))
  t.same(first.sent, [], 'nothing is said on what was abandoned')
})

t.test('reports that a socket closed, with why', async t => {
  const { sockets, events, link } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  sockets[0]?.onClose(1006, 'nothing answers at that address and port')
  t.same(events, [{ type: 'server.closed', attempt: 1, why: 'nothing answers at that address and port' }])
  sockets[0]?.say(challenge)
  t.same(sockets[0]?.sent, [], 'a closed one is not heard')
})

t.test('carries sealed frames both ways over the socket in use', async t => {
  const { online, link, frames } = setUp()
  const socket = online(1)
  const sealed = seeded('frame')(120)
  link.send(sealed)
  const [message] = socket.takeBytes()
  t.equal(message?.length, LEG_HEADER_BYTES + sealed.length)
  t.same(message?.subarray(LEG_HEADER_BYTES), sealed)
  socket.onMessage(message!)
  t.same(frames, [sealed])
})

t.test('takes no frames before it is online, and sends none before a socket is adopted', async t => {
  const { link, sockets, frames, online } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  sockets[0]?.onMessage(legFrame(0, [9]))
  sockets[0]?.say(challenge)
  sockets[0]?.onMessage(legFrame(0, [9]))
  link.send(seeded('frame')(120))
  t.same(sockets[0]?.takeBytes(), [])
  t.same(frames, [])
  const second = online(2, false)
  second.onMessage(legFrame(0, [9]))
  t.same(frames, [Uint8Array.of(9)], 'online: a frame that authenticates may come on either')
  second.takeBytes()
  link.send(seeded('frame')(120))
  t.same(second.takeBytes(), [])
})

t.test('sends no frames by a new socket before the server has matched it', async t => {
  const { link, online } = setUp()
  online(1)
  const second = online(2, false)
  link.command({ type: 'adopt', attempt: 2 })
  link.send(seeded('frame')(120))
  t.same(second.takeBytes(), [])
  second.say({ type: 'matched', callId: CALL, peer: 'XYZ', resumed: true })
  link.send(seeded('frame')(120))
  t.equal(second.takeBytes().length, 1)
})

t.test('sends no frames for a call that the other side has left, until it is matched again', async t => {
  const { link, online } = setUp()
  const socket = online(1)
  socket.say({ type: 'left', callId: CALL, reason: 'hungUp' })
  link.send(seeded('frame')(120))
  t.same(socket.takeBytes(), [])
  socket.say({ type: 'matched', callId: CALL, peer: 'XYZ', resumed: true })
  link.send(seeded('frame')(120))
  t.equal(socket.takeBytes().length, 1)
})

t.test('sends on where a frame comes of a call that the server said was left', async t => {
  const { link, online, frames } = setUp()
  const socket = online(1)
  socket.say({ type: 'left', callId: CALL, reason: 'hungUp' })
  socket.onMessage(legFrame(0, [9]))
  t.same(frames, [Uint8Array.of(9)])
  socket.takeBytes()
  link.send(seeded('frame')(120))
  t.equal(socket.takeBytes().length, 1)
})

t.test('binary messages that are none of a relay leg do no harm', async t => {
  const { online, frames, events, link } = setUp()
  const socket = online(1)
  for (const bytes of [[], [0], [1], [...legFrame(0, [])], [...legAck(9)], [3, 1, 2, 3, 4, 5]])
    socket.onMessage(Uint8Array.from(bytes))
  t.same(frames, [])
  t.same(events, [])
  socket.takeBytes()
  link.send(seeded('frame')(120))
  t.equal(socket.takeBytes().length, 1)
})

t.test('measures the round trip to the server', async t => {
  const { online, link, later } = setUp()
  t.equal(link.legRttMs, null)
  const socket = online(1)
  link.send(seeded('frame')(120))
  later(33)
  socket.onMessage(legAck(0))
  t.equal(link.legRttMs, 33)
})

t.test('closes all sockets, and hears no more', async t => {
  const { online, link, sockets, events } = setUp()
  const first = online(1)
  link.command({ type: 'dial', attempt: 2 })
  link.command({ type: 'close' })
  t.same(
    sockets.map(({ ended }) => ended),
    ['closed', 'closed'],
  )
  first.onClose(1000, 'bye')
  sockets[1]?.say(challenge)
  link.send(new Uint8Array(120))
  t.same(events, [])
  t.same(first.sent, [])
  t.same(sockets[1]?.sent, [])
})

t.test('lets something follow whatever a person waits for, and no heartbeat', async t => {
  const { sockets, link } = setUp()
  link.command({ type: 'dial', attempt: 1 })
  const socket = sockets[0]!
  socket.say(challenge)
  socket.say({ type: 'online', id: 'Abc' })
  link.command({ type: 'adopt', attempt: 1 })
  link.command({ type: 'tell', message: { type: 'call', to: 'XYZ' } })
  link.command({ type: 'tell', message: { type: 'ping', n: 0 } })
  t.same(socket.chased, ['login', 'call'])
})

const OTHER = 'ws://other.test:9001/?server=2'

t.test(
  "logs in at another server of the cluster under that one's origin, and keeps an invitation to itself",
  async t => {
    const { sockets, dialled, link } = setUp()
    link.command({ type: 'dial', attempt: 1, url: OTHER })
    t.same(dialled, [OTHER])
    sockets[0]?.say(challenge)
    t.equal(sockets[0]?.takeTexts()[0]?.origin, 'ws://other.test:9001')
    const invited = new ServerLink(
      {
        dial: () => sockets[sockets.push(new FakeSocket()) - 1]!,
        origin: ORIGIN,
        id: 'Abc',
        identity,
        session,
        invitation: 'ticket',
        now: () => 0,
      },
      () => {},
    )
    for (const url of [undefined, OTHER]) {
      invited.command({ type: 'dial', attempt: 1, ...(url !== undefined && { url }) })
      sockets.at(-1)?.say(challenge)
      t.equal(sockets.at(-1)?.takeTexts()[0]?.invitation, url === undefined ? 'ticket' : undefined)
    }
  },
)

t.test('tells where else it could go, and where it should, but not of what it must not follow', async t => {
  const { events, online } = setUp()
  const socket = online(1)
  socket.say({ type: 'servers', urls: [OTHER, 'ws://192.168.0.1:80', 'http://x.test', 'wss://third.test'] })
  t.same(events.splice(0), [{ type: 'server.servers', urls: [OTHER, 'wss://third.test/'] }])
  socket.say({ type: 'move', url: 'ws://127.0.0.1:22' })
  t.same(events, [])
  socket.say({ type: 'move', url: OTHER })
  t.same(events, [{ type: 'server.move', url: OTHER }])
})

t.test('moves without losing a frame: voice goes by the old socket until the new one is in the call', async t => {
  const { frames, events, online, link } = setUp()
  const old = online(1)
  const fresh = online(2, false)
  const voice = (socket: FakeSocket) => socket.sent.splice(0).filter(data => typeof data !== 'string').length
  link.command({ type: 'adopt', attempt: 2, overlaps: true })
  t.equal(old.ended, null)
  voice(old)
  link.send(Uint8Array.of(1))
  t.same([voice(old), voice(fresh)], [1, 0])
  old.onMessage(legFrame(0, [7]))
  t.same(frames.splice(0), [Uint8Array.of(7)], 'and still comes by it')
  old.say({ type: 'left', callId: CALL, reason: 'hungUp' })
  t.same(events, [], 'nothing else does')
  fresh.say({ type: 'matched', callId: CALL, peer: 'XYZ', resumed: true })
  t.equal(old.ended, 'terminated')
  for (const socket of [old, fresh]) voice(socket)
  link.send(Uint8Array.of(2))
  t.same([voice(old), voice(fresh)], [0, 1])
})

t.test('the old socket of a move closes unheard, and goes with the new one', async t => {
  const { events, online, link } = setUp()
  const [old, fresh] = [online(1), online(2, false)]
  link.command({ type: 'adopt', attempt: 2, overlaps: true })
  old.onClose(4001, 'replaced')
  t.same(events, [])
  fresh.onClose(1006, '')
  t.same(events, [{ type: 'server.closed', attempt: 2, why: '' }])
  const [third, fourth] = [online(3), online(4, false)]
  link.command({ type: 'adopt', attempt: 4, overlaps: true })
  fourth.onClose(1006, '')
  t.equal(third.ended, 'terminated')
  link.send(Uint8Array.of(1))
})
