import t from 'tap'
import { LEG_ACK_BYTES, LEG_HEADER_BYTES, type LegDrop, MAX_LEG_PAYLOAD, RelayLeg } from '../../protocol/relay-leg.js'
import { legAck, legFrame, NOTHING_SEEN } from '../leg-message.js'
import { VirtualClock } from '../virtual-clock.js'

/** A socket's one direction: messages leave at `kbps` one after the other and arrive `delayMs` later, in order. */
class Link {
  kbps = Number.POSITIVE_INFINITY
  #freeAt = 0
  waiting = 0
  constructor(
    readonly clock: VirtualClock,
    public delayMs: number,
    readonly arrive: (bytes: Uint8Array) => void,
  ) {}
  send(bytes: Uint8Array) {
    const start = Math.max(this.clock.now(), this.#freeAt)
    this.#freeAt = start + (bytes.length * 8) / this.kbps
    this.waiting++
    this.clock.setTimeout(
      () => {
        this.waiting--
        this.arrive(bytes)
      },
      this.#freeAt + this.delayMs - this.clock.now(),
    )
  }
}

/** Two legs over two links; what b hears is kept with its time. */
function pair(delayMs: number, firstSeq = 0) {
  const clock = new VirtualClock()
  const heard: { at: number; payload: Uint8Array }[] = []
  const drops: LegDrop[] = []
  const problems: string[] = []
  const take = (leg: () => RelayLeg) => (bytes: Uint8Array) => {
    const result = leg().receive(bytes)
    if (!result.ok) problems.push(result.error.message)
  }
  const ab = new Link(
    clock,
    delayMs,
    take(() => b),
  )
  const ba = new Link(
    clock,
    delayMs,
    take(() => a),
  )
  const now = () => clock.now()
  const a = new RelayLeg({ now, transmit: bytes => ab.send(bytes), dropped: why => drops.push(why), firstSeq })
  const b = new RelayLeg({
    now,
    transmit: bytes => ba.send(bytes),
    deliver: payload => heard.push({ at: clock.now(), payload: payload.slice() }),
    firstSeq,
  })
  return { clock, a, b, ab, ba, heard, drops, problems }
}

/** 155 bytes that carry the time of sending. */
function voice(clock: VirtualClock): Uint8Array {
  const payload = new Uint8Array(155)
  new DataView(payload.buffer).setFloat64(0, clock.now())
  return payload
}
const sentAt = (payload: Uint8Array) => new DataView(payload.buffer, payload.byteOffset).getFloat64(0)

function speak(world: ReturnType<typeof pair>, ms: number, both = false) {
  for (let i = 0; i < ms / 20; i++) {
    world.a.send(voice(world.clock))
    if (both) world.b.send(voice(world.clock))
    world.clock.advance(20)
  }
}

/** A lone leg whose messages are kept. */
function lone(firstSeq?: number) {
  const clock = new VirtualClock()
  const out: Uint8Array[] = []
  const heard: number[] = []
  const leg = new RelayLeg({
    now: () => clock.now(),
    transmit: bytes => out.push(bytes.slice()),
    deliver: payload => heard.push(payload[0]!),
    ...(firstSeq === undefined ? {} : { firstSeq }),
  })
  return { clock, out, heard, leg }
}
const NONE = NOTHING_SEEN
const frame = (seq: number, acked: number, ...payload: number[]) => legFrame(seq, payload, acked)
const ack = legAck

t.test('writes a frame as kind, sequence, the highest one seen, payload', async t => {
  const { leg, out } = lone()
  leg.send(Uint8Array.of(9, 8))
  leg.receive(frame(7, 0, 1))
  leg.send(Uint8Array.of(7))
  t.same(out, [frame(0, NONE, 9, 8), frame(1, 7, 7)])
  t.equal(leg.figures.sent, 2)
})

t.test(
  'where voice goes one way: acknowledges each fifth frame, and one that comes 100 ms after the last word',
  async t => {
    const { leg, out, clock, heard } = lone()
    for (let seq = 0; seq < 11; seq++) leg.receive(frame(seq, NONE, seq))
    t.same(out, [ack(0), ack(5), ack(10)], 'the first at once, then each fifth')
    clock.advance(99)
    leg.receive(frame(11, NONE, 11))
    t.equal(out.length, 3)
    clock.advance(1)
    leg.receive(frame(12, NONE, 12))
    t.same(out[3], ack(12))
    t.same(heard, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  },
)

t.test('where voice goes both ways no acknowledgement goes alone', async t => {
  const world = pair(30)
  const alone: number[] = []
  for (const link of [world.ab, world.ba]) {
    const { arrive } = link
    Object.assign(link, {
      arrive: (bytes: Uint8Array) => {
        if (bytes[0] === 2) alone.push(world.clock.now())
        arrive(bytes)
      },
    })
  }
  for (let n = 0; n < 100; n++) {
    world.a.send(voice(world.clock))
    world.clock.advance(7)
    world.b.send(voice(world.clock))
    world.clock.advance(13)
  }
  world.clock.advance(100)
  t.same(alone, [])
  t.same(world.problems, [])
  const [a, b] = [world.a.figures, world.b.figures]
  t.same([a.received, b.received], [100, 100])
  t.ok(a.acknowledged >= 97 && b.acknowledged >= 97, `${a.acknowledged} and ${b.acknowledged} of 100`)
  t.same([a.rttMs, b.rttMs], [77, 63], 'a round trip, and what the next frame had to wait for')
})

t.test('a frame acknowledges as well', async t => {
  const { leg, heard } = lone()
  for (let i = 0; i < 5; i++) leg.send(Uint8Array.of(i))
  t.equal(leg.receive(frame(0, 2, 8)).ok, true)
  t.equal(leg.figures.acknowledged, 3)
  t.equal(leg.receive(frame(1, 5, 9)).ok, false, 'of what was never sent')
  t.same(heard, [8], 'and such a one is not heard')
  t.equal(leg.figures.received, 1)
})

t.test('refuses what is not a leg message, and does not change', async t => {
  const { leg, out } = lone()
  const longest = new Uint8Array(LEG_HEADER_BYTES + MAX_LEG_PAYLOAD)
  longest.set(frame(0, NONE))
  const bad = [
    new Uint8Array(0),
    Uint8Array.of(0),
    Uint8Array.of(3, 0, 0, 0, 0, 255, 255, 255, 255, 1),
    Uint8Array.of(1),
    Uint8Array.of(1, 0, 0, 0),
    frame(0, NONE),
    Uint8Array.of(...longest, 1),
    Uint8Array.of(2),
    new Uint8Array(LEG_ACK_BYTES - 1).fill(2),
    new Uint8Array(LEG_ACK_BYTES + 1).fill(2),
  ]
  for (const message of bad) {
    const result = leg.receive(message)
    t.equal(result.ok ? 'ok' : result.error.name, 'badLegMessage')
  }
  t.equal(leg.receive(longest).ok, true, 'the longest is fine')
  t.equal(leg.figures.received, 1)
  t.equal(out.length, 1)
  t.throws(() => leg.send(new Uint8Array(0)), RangeError)
  t.throws(() => leg.send(new Uint8Array(MAX_LEG_PAYLOAD + 1)), RangeError)
})

t.test('refuses an acknowledgement of what was never sent, ignores an older one', async t => {
  const { leg } = lone()
  t.equal(leg.receive(ack(0)).ok, false, 'nothing was sent')
  t.equal(leg.receive(ack(NONE)).ok, true, 'and nothing seen')
  for (let i = 0; i < 5; i++) leg.send(Uint8Array.of(i))
  for (const seq of [5, 6, 0x7fffffff, 0x80000000, 0xfffffffe]) t.equal(leg.receive(ack(seq)).ok, false, `${seq}`)
  t.equal(leg.receive(ack(3)).ok, true)
  t.equal(leg.figures.acknowledged, 4)
  t.equal(leg.receive(ack(1)).ok, true)
  t.equal(leg.receive(ack(3)).ok, true)
  t.equal(leg.figures.acknowledged, 4)
})

t.test('measures the smallest round trip and lets the window follow', async t => {
  const world = pair(40)
  t.equal(world.a.figures.rttMs, 500)
  speak(world, 1000, true)
  t.equal(world.a.figures.rttMs, 80)
  world.ab.delayMs = 100
  speak(world, 20_000, true)
  t.equal(world.a.figures.rttMs, 80, 'a slower one does not count at once')
  speak(world, 45_000, true)
  t.equal(world.a.figures.rttMs, 140, 'it does after two windows')
  t.same(world.drops, [])
  t.same(world.problems, [])
})

t.test('keeps at most a round trip and 200 ms unacknowledged, then drops the oldest by name', async t => {
  const { leg, out, clock } = lone()
  leg.send(Uint8Array.of(0))
  clock.advance(60)
  leg.receive(ack(0))
  out.length = 0
  for (let i = 1; i <= 30; i++) leg.send(Uint8Array.of(i))
  t.equal(out.length, 13, '(60 + 200) / 20')
  t.equal(leg.figures.queued, 10)
  t.equal(leg.figures.dropped.queueFull, 7)
  leg.receive(ack(13))
  t.same(
    out.slice(13).map(bytes => bytes[LEG_HEADER_BYTES]),
    [21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
    'the newest ten were kept',
  )
})

t.test('drops what is older than 200 ms when its turn comes', async t => {
  const { leg, out, clock } = lone()
  for (let i = 0; i < 35; i++) leg.send(Uint8Array.of(i))
  leg.send(Uint8Array.of(100))
  clock.advance(201)
  leg.send(Uint8Array.of(101))
  leg.receive(ack(34))
  t.equal(out.at(-1)?.[LEG_HEADER_BYTES], 101)
  t.equal(out.length, 36)
  t.equal(leg.figures.dropped.stale, 1)
  t.equal(leg.figures.queued, 0)
})

t.test('goes on after 2 s in which nothing was acknowledged, and never sooner', async t => {
  const world = pair(20)
  speak(world, 2_000)
  const answer = world.ba.arrive
  Object.assign(world.ba, { arrive: () => {} })
  speak(world, 400)
  const { sent } = world.a.figures
  speak(world, 1_500)
  t.equal(world.a.figures.sent, sent, 'the window is full')
  speak(world, 700)
  const more = world.a.figures.sent - sent
  t.ok(more >= 10 && more <= 24, `${more} frames, no more than a window and what waited`)
  Object.assign(world.ba, { arrive: answer })
  speak(world, 2_000)
  world.heard.length = 0
  speak(world, 2_000)
  t.equal(world.heard.length, 100, 'and all is as before')
  t.same(world.problems, [])
})

t.test('forgets what waits when its call is over', async t => {
  const { leg } = lone()
  for (let i = 0; i < 38; i++) leg.send(Uint8Array.of(i))
  leg.clear()
  t.equal(leg.figures.dropped.cleared, 3)
  t.equal(leg.figures.queued, 0)
})

t.test('goes on over the wrap of the sequence', async t => {
  const world = pair(10, 0xffffffff - 20)
  speak(world, 2000)
  world.clock.advance(100)
  t.equal(world.heard.length, 100)
  t.same(world.problems, [])
  t.ok(world.a.figures.acknowledged >= 95)
})

t.test('hands a whole message to another leg, which writes its own sequence', async t => {
  const clock = new VirtualClock()
  const out: Uint8Array[] = []
  const next = new RelayLeg({ now: () => clock.now(), transmit: bytes => out.push(bytes) })
  const first = new RelayLeg({
    now: () => clock.now(),
    transmit: () => {},
    deliverWhole: message => next.forward(message),
  })
  first.receive(frame(77, NONE, 5))
  first.receive(frame(78, NONE, 6))
  t.same(out, [frame(0, NONE, 5), frame(1, NONE, 6)])
  t.throws(() => next.forward(ack(1)), RangeError)
})

t.test('stays fresh over a link that slows to 20 kb/s for 10 s', async t => {
  const world = pair(15)
  speak(world, 2000)
  world.ab.kbps = 20
  speak(world, 10_000)
  const most = Math.max(...world.heard.map(({ at, payload }) => at - sentAt(payload)))
  t.ok(most < 1200, `nothing is heard later than 1.2 s, saw ${most.toFixed(0)} ms`)
  t.ok(world.ab.waiting <= 13, 'the socket hides no more than the window')
  world.ab.kbps = Number.POSITIVE_INFINITY
  const healed = world.clock.now()
  speak(world, 2000)
  const late = world.heard.filter(({ at, payload }) => at > healed + 1000 && at - sentAt(payload) > 30)
  t.same(late, [], 'a second later everything is on time')
  t.ok(world.drops.length > 0)
  const { sent, dropped, queued } = world.a.figures
  t.equal(sent + queued + dropped.queueFull + dropped.stale + dropped.cleared, 700, 'every frame is accounted for')
})

t.test('loses nothing over any steady round trip up to the longest', async t => {
  for (const delay of [0, 1, 50, 200, 450]) {
    const world = pair(delay)
    speak(world, 5000)
    world.clock.advance(2 * delay)
    t.equal(world.heard.length, 250, `${delay} ms one way`)
    t.equal(world.clock.pending, 0)
  }
})

t.test('tells what it sent and how long that waited', async t => {
  const clock = new VirtualClock(5000)
  const sent: [bytes: number, waited: number][] = []
  const transmit = () => {}
  const note = (bytes: number, waited: number) => sent.push([bytes, waited])
  const leg = new RelayLeg({ now: () => clock.now(), transmit, sent: note, firstSeq: 0xffff_fff0 })
  for (let n = 0; n < 35; n++) {
    leg.send(new Uint8Array(120))
    clock.advance(1)
  }
  leg.send(new Uint8Array(7))
  t.same(sent, Array(35).fill([120, 0]), 'the last waits')
  clock.advance(99)
  leg.receive(ack(18))
  t.same(sent.slice(35), [[7, 99]])
})

t.test('tells how much of it was of late', async t => {
  const { leg, clock } = lone()
  t.equal(leg.sentPerSecond, 0)
  const say = (count: number) => {
    for (let n = 0; n < count; n++) {
      leg.send(Uint8Array.of(n))
      clock.advance(20)
    }
    leg.receive(ack(leg.figures.sent - 1))
  }
  say(8)
  t.equal(leg.sentPerSecond, 8, 'at once')
  say(20)
  say(20)
  say(12)
  t.equal(leg.sentPerSecond, 50, 'the second before counts')
  clock.advance(800)
  t.equal(leg.sentPerSecond, 10)
  clock.advance(1000)
  t.equal(leg.sentPerSecond, 0)
})
