/** What may be tried on the frames of a call: by the server that relays them, by who sits on the direct route, by the other side. */
import { NodeConnection } from '../../peer/routes/node-connection.js'
import { Epoch } from '../../protocol/epoch-chain.js'
import { encodePacket } from '../../protocol/packet.js'
import { Opener, SEALED_BYTES, Sealer } from '../../protocol/sealing.js'
import { encodeSframeHeader } from '../../protocol/sframe.js'
import { type End, onBoth, onRelay, Pair } from '../peer/session/pair.js'
import { agree, callKeys, sideA, sideB } from '../protocol/handshake/pair.js'
import { seeded } from '../protocol/seeded.js'
import { World } from '../simulation/world.js'
import { attack } from './attack.js'

const random = seeded('media')
const SDP = `v=0\r\na=fingerprint:sha-256 ${'AB:'.repeat(31)}AB\r\na=mid:0\r\n`

/** Someone holds back all that side a sends to b, and has it. */
function caught(frames: number, options = {}) {
  const pair = new Pair(options).on(onRelay)
  pair.passes = from => from !== 'a'
  pair.a.speak(frames)
  const sealed = pair.a.sent.map(one => one.sealed)
  return { ...pair, pair, sealed, voice: pair.a.sent.splice(0).map(one => one.sealed) }
}

/** What this end took from the other: voice, and signs of life. */
const took = (end: End) => ({ heard: end.hear(), alive: end.takeReports('peer.heard').length })
const NOTHING = { heard: [], alive: 0 }

attack(15, 'the server changes, repeats and makes up what is negotiated', async t => {
  const pair = new Pair().on(onRelay)
  let held: Uint8Array[] = []
  pair.passes = (from, _, sealed) => {
    if (from === 'a') held.push(sealed.slice())
    return from !== 'a'
  }
  pair.a.session.negotiate({ kind: 'offer', generation: 1, text: SDP })
  const offer = held
  held = []
  t.notOk(Buffer.concat(offer).includes('fingerprint'), 'it does not see what it is')
  // From the text on: a frame that opens is taken once, also where it was changed.
  for (const frame of offer)
    for (let i = 40; i < frame.length; i++)
      pair.b.session.receive(
        'relay',
        frame.map((byte, at) => (at === i ? byte ^ 0x40 : byte)),
      )
  t.same(pair.b.negotiated, [], 'nothing that was changed is taken')
  // All that was said comes, in the end, and each of it three times.
  for (let n = 0; n < 40; n++) {
    pair.a.speak()
    for (const frame of [...offer, ...held.splice(0)])
      for (let i = 0; i < 3; i++) pair.b.session.receive('relay', frame)
    pair.b.speak()
  }
  t.same(pair.b.negotiated, [{ kind: 'offer', generation: 1, text: SDP }], 'what was said is taken once')
})

attack(15, 'the connection comes up with another certificate than the one that was named sealed', async t => {
  for (const shown of [`sha-256 ${'AB:'.repeat(31)}AC`, '']) {
    const told: string[] = []
    const events = { signal() {}, message() {}, open: () => told.push('open'), failed: (why: string) => told.push(why) }
    const none = { start() {}, meet() {}, consider() {}, send() {}, path: () => null, release() {} }
    const connection = new NodeConnection(
      { ...events, open: () => void events.open(), failed: why => void events.failed(why) },
      home => {
        setImmediate(() => home.opened(() => shown))
        return none
      },
    )
    connection.start(true)
    connection.signal({ kind: 'answer', text: SDP })
    for (let n = 0; n < 50 && told.length === 0; n++) await new Promise(resolve => setImmediate(resolve))
    t.same(told, ['it came up with somebody else'], shown || 'none')
  }
})

attack(21, 'any byte of a frame is changed', async t => {
  const { b, voice } = caught(1)
  const [frame] = voice
  for (let i = 0; i < frame!.length; i++)
    for (const bit of [1, 0x80]) {
      b.session.receive(
        'relay',
        frame!.map((byte, at) => (at === i ? byte ^ bit : byte)),
      )
      const { heard, alive } = took(b)
      if (heard.length + alive > 0) return t.fail(`byte ${i} changed: heard ${heard}, ${alive} signs of life`)
    }
  b.session.receive('relay', frame!)
  t.match(took(b), { heard: [0], alive: 1 }, 'the true one is heard')
})

attack(22, 'frames come again and in another order, on both routes', async t => {
  const { b, voice } = caught(60)
  const dice = seeded('order')
  const mixed = [...voice, ...voice, ...voice].sort(() => dice(1)[0]! - 128)
  for (const [n, frame] of mixed.entries()) b.session.receive(n % 3 ? 'relay' : 'direct', frame)
  t.same(
    (took(b).heard as number[]).sort((one, other) => one - other),
    Array.from({ length: 60 }, (_, n) => n),
    'each is heard once',
  )
  for (const frame of voice) b.session.receive('relay', frame)
  t.same(took(b), NOTHING, 'once more they are no sign of life')
})

attack(22, 'a frame of long ago comes again', async t => {
  const { b, voice } = caught(1100)
  // Some are lost, so that their places in the window are free for what is 1024 frames older.
  for (const frame of [...voice.slice(0, 1060), ...voice.slice(-10)]) b.session.receive('relay', frame)
  took(b)
  for (const frame of voice.slice(0, 200)) b.session.receive('relay', frame)
  t.same(took(b), NOTHING)
})

attack(23, "a side's own frames are sent back to it", async t => {
  const { a, voice } = caught(20)
  for (const frame of voice) for (const route of ['relay', 'direct'] as const) a.session.receive(route, frame)
  t.same(took(a), NOTHING, 'it does not hear itself')
  t.same(a.takeReports('peer.status'), [])
})

attack(23, 'a frame under another KID', async t => {
  const { b, voice } = caught(1)
  for (let kid = 1; kid < 8; kid++) {
    b.session.receive(
      'relay',
      voice[0]!.map((byte, at) => (at === 0 ? (kid << 4) | (byte & 15) : byte)),
    )
    t.same(took(b), NOTHING, `KID ${kid}`)
  }
})

attack(23, 'the other side itself seals a packet on the wrong stream', async t => {
  const keys = callKeys()
  const padded = new Uint8Array(SEALED_BYTES - 1 - 16)
  padded.set(encodePacket({ kind: 'voice', blocks: [{ at: 0, opus: random(40) }] }))
  const frame = new Epoch(keys.a.chains.control.send, 2, 0).key.seal(0n, padded, keys.a.callId)
  t.match(new Opener(keys.b).open(frame), { ok: false, error: { name: 'badPacket' } })
})

attack(24, 'frames of another call of the same two people', async t => {
  const { b } = caught(0)
  const callId = random(16)
  const other = agree(sideA({ callId }), sideB({ callId })).keysA
  const sealer = new Sealer(other)
  for (let at = 0; at < 5; at++)
    b.session.receive('relay', sealer.seal({ kind: 'voice', blocks: [{ at, opus: random(80) }] }))
  t.same(took(b), NOTHING)
})

attack(24, 'a frame under the right keys and the id of another call', async t => {
  const keys = callKeys()
  const frame = new Sealer(keys.a).seal({ kind: 'voice', blocks: [{ at: 0, opus: random(80) }] })
  const opener = new Opener({ ...keys.b, callId: random(16) })
  t.match(opener.open(frame), { ok: false, error: { name: 'notAuthentic' } })
})

attack(25, 'headers of epochs that are not there yet', async t => {
  const { a, b, pair, voice } = caught(3)
  const forged = (epoch: number, counter = 0) => {
    const header = encodeSframeHeader(BigInt(epoch * 4), BigInt(counter))
    return Uint8Array.of(...header, ...random(SEALED_BYTES - header.length))
  }
  // One that is far ahead must not cost a key for each epoch on the way.
  for (const epoch of [5, 6, 63, 5_000]) b.session.receive('relay', forged(epoch))
  t.same([...b.session.figures().refused], [['epochTooFar', 4]])
  for (let epoch = 1; epoch <= 4; epoch++)
    for (const counter of [0, 1, 65_535]) b.session.receive('relay', forged(epoch, counter))
  for (const frame of voice) b.session.receive('relay', frame)
  t.same(took(b).heard, [0, 1, 2], 'the forgeries moved nothing')
  pair.passes = () => true
  a.speak(2)
  t.same(took(b).heard, [3, 4])
})

attack(26, 'random frames of any size', async t => {
  const { b, voice } = caught(2)
  b.session.sendOn(onBoth)
  for (let n = 0; n < 2_000; n++) {
    const noise = random(n % 2 ? SEALED_BYTES : n % 300)
    // Some with a true header, so that they come as far as the keys.
    if (n % 5 === 0 && noise.length > 0) noise[0] = voice[0]![0]!
    try {
      b.session.receive(n % 3 ? 'relay' : 'direct', noise)
    } catch (error) {
      return t.fail(`it throws: ${error}`)
    }
  }
  t.same(took(b), NOTHING)
  t.ok(b.session.figures().refused.size <= 8, 'what was refused is counted by name, no more')
  for (const frame of voice) b.session.receive('relay', frame)
  t.match(took(b), { heard: [0, 1] })
})

/** Two who talk over a relay that says `lies` to ABC, each just before a frame. */
async function liedTo(lies: (callId: string) => readonly object[]) {
  const world = new World(35)
  const setting = { direct: false }
  const abc = world.person({ id: 'ABC', to: 'XYZ' }, 'open sesame', setting)
  const xyz = world.person({ id: 'XYZ', to: 'ABC' }, 'open sesame', setting)
  let callId = ''
  world.onWire.push(({ from, medium, data }) => {
    if (from === 'server' && medium === 'signaling') callId = JSON.parse(String(data)).callId ?? callId
  })
  const talk = () => [abc, xyz].every(({ peer: { view } }) => view.state === 'talking' && view.route === 'relay')
  if (!(await world.until(talk, 20_000))) throw new Error('they do not talk')
  let waiting: readonly object[] = lies(callId)
  world.intercept = ({ from, to, medium, data }, pass) => {
    if (from === 'server' && to === 'ABC' && medium === 'relay') {
      const [lie, ...rest] = waiting
      waiting = rest
      if (lie) pass(JSON.stringify(lie))
    }
    pass(data)
  }
  await world.run(10_000)
  return { abc, xyz, told: waiting.length === 0, talk: talk() }
}

attack(35, 'the server says that the other side has left, and it has not', async t => {
  const reasons = ['hungUp', 'unverified', 'noRoute', 'vanished', 'failed']
  const { abc, xyz, told, talk } = await liedTo(callId =>
    reasons.flatMap(reason => [
      { type: 'left', callId, reason },
      { type: 'away', callId },
      { type: 'left', callId: 'AAAAAAAAAAAAAAAAAAAAAA', reason },
    ]),
  )
  t.ok(told, 'all lies were told')
  t.ok(talk, 'they talk on')
  t.same([abc.end, xyz.end], [null, null])
})

attack(35, 'a goodbye of an earlier call is said again', async t => {
  const earlier = agree(sideA({}, 'earlier a'), sideB({}, 'earlier b')).keysA
  const bye = new Sealer(earlier).seal({ kind: 'bye', reason: 'hungUp', answer: false })
  const { b } = caught(0)
  b.session.receive('relay', bye)
  t.same(b.takeReports('peer.bye'), [])
})
