import t from 'tap'
import { MAX_ORDERED_BYTES, OrderedChannel } from '../../protocol/ordered-channel.js'
import { MAX_PIECE_BYTES, type OrderedPacket } from '../../protocol/packet.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { seeded } from './seeded.js'

const random = seeded('ordered')

/** Two channels on a clock of their own steps; `passes` decides what becomes of each packet. */
class Ends {
  now = 1_000
  readonly got = { a: [] as Uint8Array[], b: [] as Uint8Array[] }
  readonly a = new OrderedChannel(message => this.got.a.push(message))
  readonly b = new OrderedChannel(message => this.got.b.push(message))
  /** Packets that a and b sent, those without data too. */
  sent = 0

  /** One step of 20 ms: each end sends what is due, at most `most`. */
  step(carry: (packets: OrderedPacket[], from: 'a' | 'b') => OrderedPacket[] = all => all, most = 4): void {
    const from = { a: this.a.due(this.now, 20, most), b: this.b.due(this.now, 20, most) }
    this.sent += from.a.length + from.b.length
    for (const packet of carry(from.a, 'a')) this.b.receive(packet)
    for (const packet of carry(from.b, 'b')) this.a.receive(packet)
    this.now += 20
  }
}

t.test('carries messages of all sizes, in order, and then is quiet', async t => {
  const ends = new Ends()
  const messages = [0, 1, MAX_PIECE_BYTES, MAX_PIECE_BYTES + 1, 1_000, 0, MAX_ORDERED_BYTES].map(size => random(size))
  for (const message of messages) t.equal(ends.a.send(message), true)
  for (let i = 0; i < 100; i++) ends.step()
  t.strictSame(ends.got.b, messages)
  t.equal(ends.a.waiting, 0)
  const { sent } = ends
  for (let i = 0; i < 100; i++) ends.step()
  t.equal(ends.sent, sent, 'nothing is sent without need')
})

t.test('sends at most so many at once, and has at most 16 under way', async t => {
  const ends = new Ends()
  ends.a.send(random(MAX_ORDERED_BYTES))
  t.equal(ends.a.due(0, 20, 4).length, 4)
  t.equal(ends.a.due(0, 20, 100).length, 12)
  t.equal(ends.a.due(0, 20, 100).length, 0)
})

t.test('sends again what is not acknowledged: after one and a half round trips and 60 ms, each time later', async t => {
  const ends = new Ends()
  ends.a.send(random(10))
  const at: number[] = []
  for (let now = 0; now < 8_000; now += 10) if (ends.a.due(now, 60, 4).length > 0) at.push(now)
  t.same(at, [0, 150, 450, 1_050, 2_050, 3_050, 4_050, 5_050, 6_050, 7_050])
})

t.test('acknowledges by itself when it has nothing to say, and with what it says when it has', async t => {
  const { a, b } = new Ends()
  a.send(random(10))
  b.receive(a.due(0, 20, 4)[0]!)
  const [alone, ...more] = b.due(0, 20, 4)
  t.match(alone, { seq: 0, acked: 1, last: false, data: new Uint8Array(0) })
  t.equal(more.length, 0)
  t.equal(b.due(1_000, 20, 4).length, 0, 'once')
  a.receive(alone!)
  a.send(random(10))
  b.receive(a.due(1_000, 20, 4)[0]!)
  b.send(random(5))
  const both = b.due(1_000, 20, 4)
  t.match(both, [{ seq: 0, acked: 2, last: true }])
  t.equal(both.length, 1)
})

t.test('sends only what is missing again', async t => {
  const { a, b, got } = new Ends()
  a.send(random(5 * MAX_PIECE_BYTES))
  for (const packet of a.due(0, 20, 16)) if (packet.seq !== 1 && packet.seq !== 3) b.receive(packet)
  const [answer] = b.due(0, 20, 4)
  t.match(answer, { acked: 1, early: 0b101 })
  a.receive(answer!)
  const again = a.due(1_000, 20, 16)
  t.same(
    again.map(({ seq }) => seq),
    [1, 3],
  )
  for (const packet of again) b.receive(packet)
  t.equal(got.b.length, 1)
  a.receive(b.due(1_000, 20, 4)[0]!)
  t.equal(a.waiting, 0)
})

t.test('sends at once what was overtaken, once for each time', async t => {
  const { a, b } = new Ends()
  a.send(random(3 * MAX_PIECE_BYTES))
  a.due(0, 500, 1)
  for (const packet of a.due(20, 500, 2)) b.receive(packet)
  a.receive(b.due(20, 500, 4)[0]!)
  t.match(a.due(40, 500, 4), [{ seq: 0 }])
  a.receive({ kind: 'ordered', seq: 0, acked: 0, early: 0b11, last: false, data: new Uint8Array(0) })
  t.same(a.due(60, 500, 4), [], 'the same news again says nothing new')
})

t.test('an acknowledgement that was lost is given again for what comes again', async t => {
  const { a, b, got } = new Ends()
  a.send(random(10))
  b.receive(a.due(0, 20, 4)[0]!)
  b.due(0, 20, 4)
  b.receive(a.due(5_000, 20, 4)[0]!)
  t.equal(got.b.length, 1, 'delivered once')
  a.receive(b.due(5_000, 20, 4)[0]!)
  t.equal(a.waiting, 0)
})

t.test('brings all, once and in order, over a network that loses, doubles and reorders: 100 seeds', async t => {
  let longest = 0
  for (let seed = 1; seed <= 100; seed++) {
    const chance = new SeededRandom(seed)
    const ends = new Ends()
    const messages = { a: [] as Uint8Array[], b: [] as Uint8Array[] }
    const late = { a: [] as OrderedPacket[], b: [] as OrderedPacket[] }
    const carry = (packets: OrderedPacket[], from: 'a' | 'b') => {
      const now = [...packets, ...late[from].splice(0)].flatMap(packet => {
        if (chance.chance(0.3)) return []
        if (chance.chance(0.2)) late[from].push(packet)
        return chance.chance(0.5) ? [packet] : [packet, packet]
      })
      return now.sort(() => chance.next() - 0.5)
    }
    for (let i = 0; i < 2_000; i++) {
      for (const side of ['a', 'b'] as const) {
        if (i > 100 || !chance.chance(0.2)) continue
        const message = random(Math.floor(chance.between(0, 400)))
        if (ends[side].send(message)) messages[side].push(message)
      }
      ends.step(carry)
      if (i > 100 && ends.a.waiting + ends.b.waiting === 0) {
        longest = Math.max(longest, i)
        break
      }
    }
    t.strictSame(ends.got.b, messages.a, `seed ${seed}, a to b`)
    t.strictSame(ends.got.a, messages.b, `seed ${seed}, b to a`)
  }
  t.comment(`the slowest needed ${longest} steps of 20 ms`)
})

t.test('refuses a message that is too long, and more than it can hold', async t => {
  const { a } = new Ends()
  t.equal(a.send(random(MAX_ORDERED_BYTES + 1)), false)
  t.equal(a.waiting, 0)
  let taken = 0
  while (a.send(random(MAX_PIECE_BYTES * 10))) taken++
  t.equal(taken, 51, 'ten pieces each')
  t.ok(a.waiting <= 512)
})

t.test('what another end may say out of order or out of its mind costs nothing', async t => {
  const { b, got } = new Ends()
  const piece = (seq: number, more: Partial<OrderedPacket> = {}): OrderedPacket => ({
    kind: 'ordered',
    seq,
    acked: 0,
    early: 0,
    last: true,
    data: Uint8Array.of(seq & 255),
    ...more,
  })
  b.receive(piece(16))
  b.receive(piece(0xffffffff))
  b.receive(piece(0, { acked: 7 }))
  t.strictSame(got.b, [Uint8Array.of(0)], 'too far ahead is not kept')
  b.receive(piece(0, { data: Uint8Array.of(9) }))
  t.equal(got.b.length, 1)
  t.match(b.due(0, 20, 4), [{ acked: 1 }])
})

t.test('a message that never ends is not kept, and what follows it comes', async t => {
  const { b, got } = new Ends()
  const data = random(MAX_PIECE_BYTES)
  const pieces = Math.ceil(MAX_ORDERED_BYTES / MAX_PIECE_BYTES) + 3
  for (let seq = 0; seq <= pieces; seq++)
    b.receive({ kind: 'ordered', seq, acked: 0, early: 0, last: seq >= pieces - 1, data })
  t.strictSame(got.b, [data])
})
