import t from 'tap'
import { JitterBuffer, type Playout } from '../../../peer/audio/jitter-buffer.js'

/**
 * A speaker that plays, and packets that come when they come: `arrivals` are [moment of arrival in ms, at]; what was
 * played is told as [start in ms, what], where what is the `at` of a packet, 'conceal' or 'silence'.
 */
function play(buffer: JitterBuffer, arrivals: [number, number][], untilMs: number, fromMs = 0, length = lengthOf) {
  const waiting = [...arrivals].sort((a, b) => a[0] - b[0])
  const played: [number, number | 'conceal' | 'silence'][] = []
  for (let now = fromMs; now < untilMs; ) {
    while (waiting.length > 0 && waiting[0]![0] <= now) {
      const [ms, at] = waiting.shift()!
      buffer.put(at >>> 0, new Uint8Array(new Uint32Array([at]).buffer), ms)
    }
    const next = buffer.next(now)
    played.push([now, what(next)])
    now += length(next)
  }
  return played
}

/** A packet is squeezed or stretched as a player might do it; what was concealed of it is left out. */
function lengthOf(next: Playout): number {
  if (next.kind !== 'packet') return next.samples / 48
  return 20 - next.skipMs - (Math.abs(next.excessMs) < 3 ? 0 : Math.max(-3, Math.min(3, next.excessMs)))
}

/** Nothing is squeezed. */
const plainLength = (next: Playout) => (next.kind === 'packet' ? 20 - next.skipMs : next.samples / 48)

const what = (next: Playout) =>
  next.kind === 'packet' ? new Uint32Array(new Uint8Array(next.payload).buffer)[0]! : next.kind

const packetsOf = (played: ReturnType<typeof play>) =>
  played.map(([, what]) => what).filter(what => typeof what === 'number')

/** Packet `at` leaves at 20 ms x at and takes `delay` ms. */
const stream = (from: number, to: number, delay: (at: number) => number): [number, number][] =>
  Array.from({ length: to - from }, (_, i) => [(from + i) * 20 + delay(from + i), from + i])

const counts = ({ lost, late, dry }: JitterBuffer) => ({ lost, late, dry })

t.test('plays an even stream in order with a short delay', async t => {
  const buffer = new JitterBuffer()
  const played = play(
    buffer,
    stream(0, 200, () => 40),
    4000,
  )
  const packets = packetsOf(played)
  t.same(
    packets,
    Array.from({ length: packets.length }, (_, at) => at),
  )
  t.same(counts(buffer), { lost: 0, late: 0, dry: 0 })
  for (const [now, at] of played) if (typeof at === 'number') t.ok(now - at * 20 - 40 <= 20, 'waits at most one frame')
})

t.test('puts packets in order', async t => {
  const buffer = new JitterBuffer()
  const swapped = stream(0, 100, at => (at % 4 === 1 ? 45 : 20))
  const packets = packetsOf(play(buffer, swapped, 2100))
  t.same(
    packets,
    [...packets].sort((a, b) => a - b),
  )
  t.ok(new Set(packets).size === packets.length)
  t.ok(buffer.lost <= 5, `${buffer.lost} lost before it knew the network`)
})

t.test('grows its delay with jitter, and then loses next to nothing', async t => {
  const buffer = new JitterBuffer()
  const jitter = (at: number) => 20 + ((at * 7919) % 60)
  play(buffer, stream(0, 200, jitter), 4000)
  const before = buffer.lost
  play(buffer, stream(200, 700, jitter), 14_000, 4000)
  t.ok(buffer.lost - before <= 5, `${buffer.lost - before} of 500 lost`)
})

t.test('conceals a lost packet once, and keeps time', async t => {
  const buffer = new JitterBuffer()
  const played = play(
    buffer,
    stream(0, 100, () => 20).filter(([, at]) => at !== 50),
    1900,
  )
  t.equal(played.filter(([, what]) => what === 'conceal').length, 4, '20 ms, in pieces of 5')
  t.same(counts(buffer), { lost: 1, late: 0, dry: 1 })
  const at = (wanted: number) => played.find(([, what]) => what === wanted)![0]
  t.equal(at(51) - at(49), 40)
})

t.test('drops and counts a late packet, and ignores second copies', async t => {
  const buffer = new JitterBuffer()
  const arrivals = stream(0, 100, at => (at === 50 ? 90 : 20))
  arrivals.push([1010, 48], [1500, 60], [1500, 74])
  const packets = packetsOf(play(buffer, arrivals, 1900))
  t.notOk(packets.includes(50))
  t.equal(new Set(packets).size, packets.length)
  t.same(counts(buffer), { lost: 1, late: 1, dry: 1 })
})

t.test('plays a frame that comes while it is concealed', async t => {
  // It is asked for 4 ms after the others come, and comes 8 ms later than that.
  const slow = (at: number) => 20 + (at === 50 ? 12 : 0)
  const buffer = new JitterBuffer()
  const played = play(buffer, stream(0, 100, slow), 1900)
  t.ok(packetsOf(played).includes(50))
  t.equal(played.filter(([, what]) => what === 'conceal').length, 2, '10 ms')
  t.same(counts(buffer), { lost: 0, late: 0, dry: 1 })
  const after = played.find(([, what]) => what === 52)![0] - 52 * 20
  t.ok(after <= 34, 'the delay has grown by no more')

  // When it is long already, only what is left of the frame is played, in its place: no delay is added.
  const late = new JitterBuffer()
  const skips: number[] = []
  const next = (now: number) => {
    const playout = late.next(now)
    if (playout.kind === 'packet' && playout.skipMs > 0) skips.push(playout.skipMs)
    return playout
  }
  const watched = { put: late.put.bind(late), next } as JitterBuffer
  // The first frame comes 5 ms later than all others, and nothing is squeezed.
  const first = play(
    watched,
    stream(0, 30, at => (at === 0 ? 27 : at === 10 ? 44 : 20)),
    600,
    0,
    plainLength,
  )
  t.ok(packetsOf(first).includes(10))
  t.same(skips, [10])
  t.same(counts(late), { lost: 0, late: 0, dry: 1 })
})

t.test('what is missing has its successor with it, when that is here', async t => {
  const buffer = new JitterBuffer()
  for (const at of [0, 2, 3]) buffer.put(at, Uint8Array.of(at), 0)
  const played = [10, 30, 50, 70].map(now => buffer.next(now))
  t.same(
    played.map(({ kind }) => kind),
    ['packet', 'conceal', 'packet', 'packet'],
  )
  t.match(played[1], { samples: 960, successor: Uint8Array.of(2) })
})

t.test('falls silent after 100 ms of concealment, and plays on when packets come again', async t => {
  const buffer = new JitterBuffer()
  const played = play(
    buffer,
    stream(0, 300, () => 20).filter(([, at]) => at < 50 || at >= 150),
    5900,
  )
  t.equal(played.filter(([, what]) => what === 'conceal').length, 20, 'in pieces of 5 ms')
  t.ok(packetsOf(played).includes(150), 'the first packet after the gap is heard')
  t.equal(buffer.lost, 100, 'the whole gap counts as lost')
  t.equal(buffer.dry, 1)
  const concealed = played.findIndex(([, what]) => what === 'conceal')
  t.same(
    played.slice(concealed, concealed + 21).map(([, what]) => what),
    [...Array(20).fill('conceal'), 'silence'],
  )
})

t.test('a hole in the voice is not made longer by more than 40 ms, however uneven the network was', async t => {
  const buffer = new JitterBuffer()
  play(
    buffer,
    stream(0, 200, at => (at % 10 === 0 ? 110 : 20)),
    4000,
  )
  const again = 4600
  const played = play(
    buffer,
    stream(229, 300, () => 20),
    6000,
    4000,
  )
  const [start] = played.find(([now, what]) => now >= again && typeof what === 'number') ?? []
  t.ok(start !== undefined && start - again <= 40 + 5, `${start} ms`)
})

t.test('takes an announced silence for what it is', async t => {
  const buffer = new JitterBuffer()
  play(
    buffer,
    stream(0, 50, () => 20),
    1010,
  )
  buffer.put(0, new Uint8Array(0), 1010)
  const played = play(
    buffer,
    stream(3000, 3050, () => 20),
    61_000,
    1030,
  )
  t.notOk(played.some(([, what]) => what === 'conceal'))
  t.same(counts(buffer), { lost: 0, late: 0, dry: 0 })
  t.equal(packetsOf(played)[0], 3000)
})

t.test('is young again within a second after a stall', async t => {
  for (const stall of [300, 700, 3000]) {
    const buffer = new JitterBuffer()
    const [from, end] = [5000, 5000 + stall]
    const arrivals = stream(0, 600, () => 20).map(([ms, at]): [number, number] => [
      ms > from && ms < end ? end : ms,
      at,
    ])
    const played = play(buffer, arrivals, 12_000)
    const ages = played
      .filter(([now, at]) => typeof at === 'number' && now >= end + 1000)
      .map(([now, at]) => now - +at * 20)
    t.ok(ages.length > 100)
    t.ok(Math.max(...ages) <= 70, `${stall} ms of stall: ${Math.max(...ages)} ms old`)
  }
})

t.test('is young again after a slow and growing delay', async t => {
  const buffer = new JitterBuffer()
  const slow = (at: number) => (at >= 100 && at < 600 ? Math.min(600, (at - 100) * 4) : 20)
  const arrivals = stream(0, 800, slow).map(([ms, at]): [number, number] => [at < 600 ? Math.min(ms, 12_010) : ms, at])
  const played = play(buffer, arrivals, 15_900)
  const ages = played.filter(([now, at]) => typeof at === 'number' && now >= 13_010).map(([now, at]) => now - +at * 20)
  t.ok(Math.max(...ages) <= 180, `${Math.max(...ages)} ms old`)
})

t.test('follows a network that becomes slower for good', async t => {
  const buffer = new JitterBuffer()
  const packets = stream(0, 1000, at => (at < 200 ? 20 : 320))
  const played = play(buffer, packets, 20_200)
  t.ok(buffer.lost <= 5, `${buffer.lost} lost, those that were concealed at the change`)
  t.notOk(played.some(([now, what]) => now > 5000 && typeof what !== 'number'))
})

t.test('goes on over the end of u32', async t => {
  const buffer = new JitterBuffer()
  const start = 2 ** 32 - 50
  const arrivals: [number, number][] = Array.from({ length: 100 }, (_, i) => [i * 20, start + i])
  const packets = packetsOf(play(buffer, arrivals, 1990))
  t.same(
    packets.slice(0, 100),
    Array.from({ length: packets.length }, (_, i) => (start + i) >>> 0),
  )
  t.equal(buffer.lost, 0)
})

t.test('starts afresh when the moments jump, either way', async t => {
  for (const jump of [1_000_000, -1_000_000]) {
    const buffer = new JitterBuffer()
    const arrivals: [number, number][] = Array.from({ length: 200 }, (_, i) => [
      i * 20,
      2_000_000 + i + (i < 100 ? 0 : jump),
    ])
    const packets = packetsOf(play(buffer, arrivals, 4100))
    t.ok(packets.length >= 195, `${packets.length} of 200 played`)
  }
})

t.test('keeps its size whatever comes', async t => {
  const buffer = new JitterBuffer()
  for (let at = 0; at < 100_000; at++) buffer.put(at, Uint8Array.of(1), 0)
  t.ok(buffer.waitingMs <= 10_020, `${buffer.waitingMs} ms`)
})
