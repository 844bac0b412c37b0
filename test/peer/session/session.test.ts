import t from 'tap'
import type { Sending } from '../../../peer/call/where-to-send.js'
import { FRAME_BYTES, Opener, SEALED_BYTES, Sealer } from '../../../protocol/sealing.js'
import { callKeys } from '../../protocol/handshake/pair.js'
import { seeded } from '../../protocol/seeded.js'
import { SeededRandom } from '../../simulation/seeded-random.js'
import { VirtualClock } from '../../virtual-clock.js'
import { matchAll } from '../match-all.js'
import { End, onBoth, onRelay, Pair } from './pair.js'

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

t.test('carries voice both ways at once', async t => {
  const pair = new Pair().on(onRelay)
  const { a, b } = pair
  pair.speak(50)
  t.same(a.hear(), range(0, 50))
  t.same(b.hear(), range(0, 50))
  t.equal(a.session.figures().lossPct, 0)
})

t.test('forgets what was said before there were keys', async t => {
  const pair = new Pair({ aSaid: 3 }).on(onRelay)
  pair.a.speak(2)
  t.same(pair.b.hear(), [3, 4])
})

t.test('sends nothing until it is told where to', async t => {
  const { a } = new Pair()
  a.speak(60)
  a.session.bye('hungUp', false)
  t.equal(a.sent.length, 0)
  t.equal(a.session.figures().bytesUp, 0)
})

t.test('voice on two routes is the same sealed bytes, played once, and shows that both routes live', async t => {
  const { a, b } = new Pair().on(onBoth)
  a.speak(10)
  t.same(b.hear(), range(0, 10))
  const [direct, relay] = ['direct', 'relay'].map(kind => a.sent.filter(({ route }) => route === kind))
  t.same(
    direct?.map(({ sealed }) => sealed),
    relay?.map(({ sealed }) => sealed),
  )
  const heard = b.takeReports('peer.heard')
  for (const kind of ['direct', 'relay']) t.equal(heard.filter(({ route }) => route === kind).length, 10, kind)
  t.equal(b.session.figures().refused.size, 0, 'a twin is nothing wrong')
})

t.test('a twin that is late on its route still shows that the route lives; one out of order does not', async t => {
  const pair = new Pair().on(onBoth)
  const { a, b } = pair
  const held: Uint8Array[] = []
  pair.passes = (_from, route, sealed) => {
    if (route === 'relay') held.push(sealed)
    return route === 'direct'
  }
  a.speak(3)
  b.takeReports('peer.heard')
  for (const index of [1, 0, 1, 2]) b.session.receive('relay', held[index]!)
  t.equal(b.takeReports('peer.heard').length, 2, 'for the second and the third')
  t.same(b.hear(), [0, 1, 2])
})

t.test('what is not authentic changes nothing but a count', async t => {
  const { a, b } = new Pair().on(onRelay)
  a.speak(3)
  b.hear()
  b.reports.length = 0
  const sealed = a.sent[0]!.sealed
  const changed = sealed.slice()
  changed[60]! ^= 1
  b.speak(1)
  const own = b.sent.splice(0)[0]!.sealed
  const garbage = [seeded('garbage')(SEALED_BYTES), new Uint8Array(0), sealed.subarray(1), changed, own]
  for (const bytes of garbage) for (const route of ['direct', 'relay'] as const) b.session.receive(route, bytes)
  t.same(b.hear(), [])
  t.same(b.reports, [])
  t.equal(b.sent.length, 0)
  const { refused } = b.session.figures()
  t.equal(
    [...refused.values()].reduce((sum, count) => sum + count),
    10,
  )
  t.equal(refused.get('wrongDirection'), 2, 'reflected')
  t.equal(refused.get('wrongSize'), 4)
  t.ok((refused.get('notAuthentic') ?? 0) >= 2)
})

t.test('a replay is neither played nor a sign of life', async t => {
  const { a, b } = new Pair().on(onRelay)
  a.speak(5)
  a.session.bye('hungUp', false)
  b.clock.advance(0)
  b.hear()
  b.reports.length = 0
  for (const { sealed } of a.sent) b.session.receive('relay', sealed)
  t.same(b.hear(), [])
  t.same(b.reports, [], 'no bye either')
})

t.test('muted, it sends frames of the same size at the same pace, without voice', async t => {
  const { a, b } = new Pair().on(onRelay)
  a.sent.length = 0
  a.speak(50)
  const open = a.sent.splice(0)
  a.session.setMuted(true)
  b.clock.advance(0)
  b.hear()
  a.speak(50, false)
  const muted = a.sent.splice(0)
  a.session.setMuted(false)
  a.speak(50)
  t.equal(open.length, 52, 'one each 20 ms, and one more each 500 ms')
  t.equal(muted.length, open.length)
  t.equal(a.sent.length, open.length, 'what tells that it is open again comes in place of voice')
  t.ok([...open, ...muted, ...a.sent].every(({ sealed }) => sealed.length === SEALED_BYTES))
  t.same(b.hear(), ['pause', ...range(101, 150)])
})

t.test('tells at once that it is muted and open again, once each', async t => {
  const pair = new Pair().on(onRelay)
  const { a, b } = pair
  a.speak(3)
  b.hear()
  a.sent.length = 0
  for (const muted of [true, true, false]) {
    a.session.setMuted(muted)
    a.speak(1, !muted)
  }
  matchAll(t, b.takeReports('peer.status'), [{ muted: true }, { muted: false }])
  t.equal(a.sent.length, 3)
  t.same(b.hear(), ['pause'], 'the player does not take the rest for lost')
})

t.test(
  'tells at once that the call is recorded, with the first status if it is from the start, and when no more',
  async t => {
    const pair = new Pair()
    const { a, b } = pair
    a.session.setRecording(true)
    t.same(a.takeRoutes(), [], 'no way to say it yet')
    a.session.sendOn(onRelay)
    pair.settle()
    matchAll(t, b.takeReports('peer.status'), [{ recording: true, muted: false }])
    a.session.setMuted(true)
    for (const recording of [true, false, false]) {
      a.session.setRecording(recording)
      a.speak(1, false)
    }
    matchAll(t, b.takeReports('peer.status'), [
      { recording: true, muted: true },
      { recording: false, muted: true },
    ])
    b.session.sendOn(onRelay)
    pair.settle()
    matchAll(t, a.takeReports('peer.status'), [{ recording: false }], 'the other records nothing')
  },
)

t.test('sends a status at once when the routes change, and not when they stay', async t => {
  const { a } = new Pair()
  a.session.sendOn({ voice: [], control: ['relay'], doubt: false })
  t.same(a.takeRoutes(), ['relay'])
  a.session.sendOn({ voice: [], control: ['relay'], doubt: false })
  t.same(a.takeRoutes(), [])
  a.session.sendOn(onRelay)
  t.same(a.takeRoutes(), ['relay'])
  a.session.sendOn(onBoth)
  t.same(a.takeRoutes(), ['direct', 'relay'])
})

t.test('sends a status each 500 ms beside voice, and each 100 ms where there is none', async t => {
  const beside = new Pair().on(onRelay)
  beside.a.speak(100)
  t.equal(beside.a.sent.length, 104)
  const before = new Pair().on({ voice: [], control: ['relay'], doubt: false })
  before.a.speak(100)
  t.equal(before.a.sent.length, 20)
})

t.test('asks for both routes while it does not trust the direct one', async t => {
  const pair = new Pair({ bWants: 'relay' }).on(onRelay)
  const { a, b } = pair
  a.session.sendOn(onBoth)
  pair.settle()
  matchAll(t, b.takeReports('peer.status'), [{ doubt: true, wants: 'auto' }])
  a.session.sendOn({ ...onBoth, doubt: false })
  pair.settle()
  matchAll(t, b.takeReports('peer.status'), [{ doubt: false }])
})

t.test('tells which route it wants', async t => {
  const pair = new Pair({ bWants: 'relay' })
  pair.b.session.sendOn(onRelay)
  pair.settle()
  matchAll(t, pair.a.takeReports('peer.status'), [{ wants: 'relay' }])
})

t.test('reports a status only when it says something new', async t => {
  const { a, b } = new Pair().on(onRelay)
  a.speak(100)
  t.same(b.takeReports('peer.status'), [])
})

t.test('a status that was overtaken by a newer one changes nothing', async t => {
  const pair = new Pair().on(onRelay)
  const held: Uint8Array[] = []
  pair.passes = (_from, _route, sealed) => held.push(sealed) > 1
  for (const muted of [true, false]) {
    pair.a.session.setMuted(muted)
    pair.a.speak(1, false)
  }
  t.same(pair.b.takeReports('peer.status'), [], 'open, as before')
  pair.b.session.receive('relay', held[0]!)
  t.same(pair.b.takeReports('peer.status'), [])
  t.same(pair.b.hear(), [])
})

t.test('measures the round trip, whatever the two clocks say', async t => {
  for (const bAhead of [0, 123_456_789, -900, 2 ** 32 - 3_000]) {
    const pair = new Pair({ delayMs: 40, bAhead }).on(onRelay)
    const { a, b } = pair
    t.equal(a.session.figures().rttMs, null)
    pair.speak(100)
    t.equal(a.session.figures().rttMs, 80, `b is ahead by ${bAhead} ms`)
    t.equal(b.session.figures().rttMs, 80)
  }
})

t.test('counts the voice that never came', async t => {
  const pair = new Pair().on(onRelay)
  const { a, b } = pair
  a.speak(1)
  let n = 0
  pair.passes = () => n++ % 4 !== 0
  a.speak(20)
  pair.passes = () => true
  a.speak(1)
  const { lossPct } = b.session.figures()
  t.ok(lossPct > 18 && lossPct < 28, `${lossPct} %`)
  a.speak(20)
  t.equal(b.session.figures().lossPct, 0, 'counted anew from one look to the next')
})

t.test('answers a probe on the route on which it came, and no answer', async t => {
  const keys = callKeys()
  const clock = new VirtualClock()
  const end = new End(keys.b, clock, 0, () => {}, 'auto')
  const sealer = new Sealer(keys.a)
  const opener = new Opener(keys.a)
  end.session.sendOn(onRelay)
  end.sent.length = 0
  const probe = { kind: 'probe', generation: 513, n: 2, answer: false } as const
  end.session.receive('direct', sealer.seal(probe))
  t.equal(end.sent.length, 1)
  t.equal(end.sent[0]?.route, 'direct')
  const opened = opener.open(end.sent[0]!.sealed)
  t.match(opened, { ok: true, value: { packet: { ...probe, answer: true } } })
  end.sent.length = 0
  end.session.receive('direct', sealer.seal({ ...probe, answer: true }))
  t.equal(end.sent.length, 0)
})

t.test('tells what it hears: loss, jitter and buffer, and whether anything came lately', async t => {
  const keys = callKeys()
  const clock = new VirtualClock()
  const end = new End(keys.b, clock, 0, () => {}, 'auto')
  const sealer = new Sealer(keys.a)
  const opener = new Opener(keys.a)
  const status = () => {
    const opened = opener.open(end.sent.at(-1)!.sealed)
    return opened.ok && opened.value.packet.kind === 'status' ? opened.value.packet : null
  }
  end.session.sendOn(onRelay)
  t.match(status(), { hears: false, lost: 0, jitter: 0, buffer: 0, echo: 0, held: 0 })
  end.stats = { jitterMs: 12, bufferMs: 60 }
  for (let at = 0; at < 10; at++) {
    const sealed = sealer.seal({ kind: 'voice', blocks: [{ at, opus: Uint8Array.of(1) }] })
    if (at !== 4 && at !== 5) end.session.receive('relay', sealed)
  }
  end.speak(25)
  t.match(status(), { hears: false, lost: 250, burst: 20, late: 0, jitter: 12, buffer: 60 }, 'heard 480 ms ago')
  end.session.receive('relay', sealer.seal({ kind: 'bye', reason: 'hungUp', answer: true }))
  clock.advance(399)
  end.session.setMuted(true)
  end.take(false)
  t.match(status(), { hears: true, muted: true })
  clock.advance(1)
  end.session.setMuted(false)
  end.take()
  t.match(status(), { hears: false, muted: false })
})

t.test('says bye, and answers one', async t => {
  const pair = new Pair().on(onRelay)
  pair.a.session.bye('noRoute', false)
  pair.b.session.bye('hungUp', true)
  pair.settle()
  matchAll(t, pair.b.takeReports('peer.bye'), [{ reason: 'noRoute', answer: false }])
  matchAll(t, pair.a.takeReports('peer.bye'), [{ reason: 'hungUp', answer: true }])
})

t.test('says bye on every route that is open', async t => {
  const pair = new Pair().on(onBoth)
  pair.a.session.bye('hungUp', false)
  pair.settle()
  t.same(pair.a.takeRoutes(), ['direct', 'relay'])
  t.equal(pair.b.takeReports('peer.bye').length, 1, 'heard once')
})

t.test('counts what goes each way, in sealed bytes', async t => {
  const { a, b } = new Pair().on(onRelay)
  const before = { up: a.session.figures().bytesUp, down: b.session.figures().bytesDown }
  a.speak(10)
  t.equal(a.session.figures().bytesUp - before.up, 10 * SEALED_BYTES)
  t.equal(b.session.figures().bytesDown - before.down, 10 * SEALED_BYTES)
})

t.test('goes on over the change of keys from epoch to epoch', async t => {
  const { a, b } = new Pair({ sealing: { framesPerEpoch: 8 } }).on(onRelay)
  for (let i = 0; i < 40; i++) {
    a.speak()
    t.same(b.hear(), [i])
  }
})

t.test('uses a route that is not there for nothing', async t => {
  const pair = new Pair().on(onRelay)
  pair.a.session.sendOn({ voice: [], control: [], doubt: false })
  pair.a.sent.length = 0
  pair.a.speak(30)
  t.equal(pair.a.sent.length, 0)
})

t.test('brings what is negotiated to the other side, in order, however much is lost', async t => {
  const pair = new Pair().on(onRelay)
  const { a, b } = pair
  const lost = new SeededRandom(1)
  pair.passes = () => lost.chance(0.75)
  const messages = [
    { kind: 'offer', generation: 1, text: 'x'.repeat(900) },
    { kind: 'candidate', generation: 1, text: 'y' },
  ] as const
  for (const message of messages) t.equal(a.session.negotiate(message), true)
  pair.speak(200)
  t.strictSame(b.negotiated, messages)
  const sizes = a.sent.map(({ sealed }) => sealed.length)
  t.ok(
    sizes.every((size, i) => size >= (sizes[i - 1] ?? 0)),
    'frames are of one size, which grows with what is lost',
  )
  pair.passes = () => true
  pair.speak(300)
  a.sent.length = 0
  pair.speak(25)
  t.equal(a.sent.length, 26, 'and then no more than voice and status')
})

t.test('sends few pieces at once, so that voice need not wait', async t => {
  const { a } = new Pair().on(onRelay)
  a.session.negotiate({ kind: 'offer', generation: 1, text: 'x'.repeat(4_000) })
  t.equal(a.sent.length, 2)
  a.speak()
  t.equal(a.sent.length, 5)
})

t.test('waits for a way that is sure while it sends on the direct route alone', async t => {
  const { a } = new Pair().on({ voice: ['direct'], control: ['direct'], doubt: false })
  a.session.negotiate({ kind: 'end', generation: 1, text: '' })
  t.equal(a.sent.length, 0)
  a.session.sendOn(onRelay)
  t.same([...new Set(a.takeRoutes())], ['relay'])
})

t.test('proves a direct connection by probes that go on it and are answered on it', async t => {
  const pair = new Pair().on(onRelay)
  const { a, b } = pair
  a.session.prove(3)
  t.same(a.takeRoutes(), ['direct'], 'the first at once')
  pair.settle()
  t.same(b.takeRoutes(), ['direct'])
  a.speak(2)
  pair.settle()
  matchAll(t, a.takeReports('direct.proved'), [{ generation: 3 }])
  a.sent.length = 0
  a.speak()
  t.same(a.takeRoutes(), ['relay'], 'no more probes')
})

t.test('is not proved by answers that came over the relay, nor while one way is dead', async t => {
  for (const dead of ['a', 'b'] as const) {
    const pair = new Pair().on(onRelay)
    pair.passes = (from, route) => route === 'relay' || from !== dead
    pair.a.session.prove(3)
    pair.a.speak(20)
    t.equal(pair.a.takeReports('direct.proved').length, 0, dead)
  }
})

t.test('asks each 5 s how the relay is while all goes directly', async t => {
  const pair = new Pair({ delayMs: 30 }).on(onRelay)
  const { a, b } = pair
  for (let i = 0; i < 100; i++) for (const end of [a, b]) end.speak()
  const direct = { voice: ['direct'], control: ['direct'], doubt: false } as const
  for (const end of [a, b]) end.session.sendOn(direct)
  pair.settle(100)
  a.takeRoutes()
  a.speak(500)
  pair.settle(100)
  t.equal(a.takeRoutes().filter(route => route === 'relay').length, 2)
  t.equal(a.session.figures().routes.relay.rttMs, 60)
  pair.passes = (_, route) => route === 'direct'
  a.speak(500)
  t.equal(a.session.figures().routes.relay.rttMs, 60, 'unanswered, it stays as it was')
})

t.test('never uses a relay that the other side forbids', async t => {
  const { a, b } = new Pair({ bWants: 'direct' }).on({ voice: ['direct'], control: ['direct'], doubt: false })
  b.speak(30)
  a.takeRoutes()
  a.speak(1_000)
  t.same([...new Set(a.takeRoutes())], ['direct'])
})

t.test('voice that comes late on the direct route is no sign of its life, where the relay is quicker', async t => {
  for (const [wants, relayMs] of [
    ['auto', 0],
    ['auto', 60],
    ['direct', 0],
  ] as const) {
    const pair = new Pair({ bWants: wants })
    const { a, b, clock } = pair
    const onDirect: Sending = { voice: ['direct'], control: ['direct'], doubt: false }
    a.session.sendOn(onDirect)
    b.session.sendOn(onDirect)
    pair.settle()
    pair.speak(100)
    const heard = () => a.takeReports('peer.heard').filter(({ route }) => route === 'direct').length
    t.ok(heard() >= 100, 'in time')
    pair.delayOf = (_from, route) => (route === 'direct' ? 60 : relayMs)
    pair.speak(20)
    heard()
    pair.speak(20)
    const title = `60 ms late, the relay ${relayMs}, the other side wants ${wants}`
    t.equal(heard() === 0, wants === 'auto' && relayMs === 0, title)
    clock.advance(100)
    t.equal(a.hear().slice(-1)[0], 139, 'it is played all the same')
  }
})

t.test('answers over a direct route that is much slower than the relay do not prove it', async t => {
  const pair = new Pair().on(onRelay)
  const { a, clock } = pair
  for (let n = 0; n < 30; n++) for (const end of [a, pair.b]) end.speak()
  const { rttMs } = a.session.figures()
  t.ok(rttMs !== null && rttMs < 50, `${rttMs} ms over the relay`)
  pair.passes = (from, route, sealed) => {
    if (route === 'relay') return true
    const to = from === 'a' ? pair.b : a
    clock.setTimeout(() => to.session.receive(route, sealed), 80)
    return false
  }
  a.session.prove(3)
  a.speak(30)
  t.equal(a.takeReports('direct.proved').length, 0)
  pair.passes = () => true
  a.speak(30)
  t.equal(a.takeReports('direct.proved').length, 1, 'when it is quick')
})

t.test('says goodbye on both routes, wherever the voice goes', async t => {
  for (const kind of ['direct', 'relay'] as const) {
    const { a } = new Pair().on({ voice: [kind], control: [kind], doubt: false })
    a.session.bye('hungUp', false)
    t.same(a.takeRoutes(), ['direct', 'relay'], kind)
  }
})

t.test('repeats frames and grows them all when the other side reports losses, and stops when it has none', async t => {
  const pair = new Pair({ delayMs: 20 }).on(onRelay)
  const { a, b } = pair
  let n = 0
  pair.passes = from => from === 'b' || n++ % 5 !== 0
  pair.speak(100)
  t.match(a.codings.at(-1), { bitrate: 24_000 })
  a.sent.length = 0
  b.hear()
  const heard = new Set<number | 'pause'>()
  for (let n = 0; n < 100; n++) {
    pair.speak()
    for (const frame of b.hear()) heard.add(frame)
  }
  t.same(new Set(a.sent.map(({ sealed }) => sealed.length)), new Set([FRAME_BYTES.triple]))
  t.same(
    range(100, 195).filter(n => !heard.has(n)),
    [],
    'nothing is missing',
  )
  t.same(new Set(b.sent.map(({ sealed }) => sealed.length)), new Set([FRAME_BYTES.single]), 'the other way is fine')
  pair.passes = () => true
  pair.speak(400)
  a.sent.length = 0
  pair.speak(50)
  t.same(new Set(a.sent.map(({ sealed }) => sealed.length)), new Set([FRAME_BYTES.single]))
  t.match(a.codings.at(-1), { bitrate: 32_000, expectedLoss: 0 })
})

t.test('tells at once of a queue, and the other side sends less', async t => {
  const pair = new Pair().on(onRelay)
  const { a } = pair
  pair.speak(100)
  a.sent.length = 0
  // Each frame of a waits 8 ms longer than the one before: a link that carries two thirds of them.
  let wait = 0
  pair.delayOf = from => {
    if (from === 'a') wait += 8
    return from === 'a' ? wait : 0
  }
  pair.speak(40)
  t.match(a.codings.at(-1), { bitrate: 16_000 })
  a.sent.length = 0
  pair.speak(100)
  t.match(a.codings.at(-1), { bitrate: 11_200 }, 'even less where that does not help')
  t.ok(a.sent.length < 55, `${a.sent.length} frames in 100 times 20 ms`)
  t.equal(new Set(a.sent.map(({ sealed }) => sealed.length)).size, 1)
})
