import t from 'tap'
import { Nat, type NatKind } from './nat.js'
import { SeededRandom } from './seeded-random.js'
import { pair } from './virtual-pair.js'

const kinds: readonly NatKind[] = ['open', 'ordinary', 'symmetric', 'udpBlocked']

/** What RFC 5128 and everyone's experience say. */
function shouldOpen(one: NatKind, other: NatKind): boolean {
  if (one === 'udpBlocked' || other === 'udpBlocked') return false
  if (one === 'symmetric') return other === 'open'
  return other !== 'symmetric' || one === 'open'
}

for (const one of kinds)
  for (const other of kinds)
    t.test(`${one} with ${other}: ${shouldOpen(one, other) ? 'opens' : 'does not open'}`, async t => {
      const { clock, a, b } = pair([one, other])
      clock.advance(2_000)
      if (shouldOpen(one, other)) {
        t.ok(a.openAt !== null && a.openAt < 700, `initiator ${a.openAt} ms`)
        t.ok(b.openAt !== null && b.openAt < 700, `other side ${b.openAt} ms`)
        a.connection.send(Uint8Array.of(1))
        b.connection.send(Uint8Array.of(2))
        clock.advance(100)
        t.strictSame([a.got, b.got], [[2], [1]])
      } else {
        t.strictSame([a.openAt, b.openAt, a.failedAt, b.failedAt], [null, null, null, null])
        clock.advance(38_000)
        t.strictSame([a.openAt, b.openAt], [null, null])
        t.strictSame([a.failedAt, b.failedAt], [39_000, 39_000])
        t.equal(a.why, 'no way through was found')
      }
      a.connection.close()
      b.connection.close()
      t.strictSame([a.host.clock.pending, b.host.clock.pending], [0, 0], 'no timer is left')
    })

t.test('a mapping is forgotten after 30 s without use', async t => {
  const nat = new Nat('symmetric', new SeededRandom(1))
  const outside = nat.out(5, 99, 0)!
  t.equal(nat.in(outside, 99, 30_000), 5)
  t.equal(nat.in(outside, 98, 30_000), null, 'from elsewhere')
  t.equal(nat.out(5, 99, 60_000), outside, 'kept by use')
  t.equal(nat.in(outside, 99, 90_001), null)
  t.not(nat.out(5, 99, 90_001), outside)
  t.equal(nat.mappings, 1)
  for (let port = 1; port <= 1_000; port++) nat.out(port, 99, 100_000 + 1_000 * port)
  t.ok(nat.mappings <= 64, 'and their number is bounded')
})

t.test('after a move the old connection is dead, and a new one opens', async t => {
  const { clock, a, b, start } = pair(['ordinary', 'open'])
  clock.advance(1_000)
  a.host.move()
  a.connection.send(Uint8Array.of(1))
  b.connection.send(Uint8Array.of(2))
  clock.advance(1_000)
  t.strictSame([a.got, b.got], [[], []])
  a.connection.close()
  b.connection.close()
  start()
  clock.advance(1_000)
  a.connection.send(Uint8Array.of(3))
  clock.advance(1_000)
  t.strictSame(b.got, [3])
})

t.test('a partition stops datagrams between two, one way or both', async t => {
  const { clock, network, a, b } = pair(['open', 'ordinary'])
  clock.advance(1_000)
  const exchange = () => {
    a.got.length = b.got.length = 0
    a.connection.send(Uint8Array.of(1))
    b.connection.send(Uint8Array.of(2))
    clock.advance(100)
    return [a.got.length, b.got.length]
  }
  network.partition(a.host, b.host, true)
  t.strictSame(exchange(), [1, 0])
  network.partition(a.host, b.host)
  t.strictSame(exchange(), [0, 0])
  network.heal(a.host, b.host)
  t.strictSame(exchange(), [1, 1])
})

t.test(
  'datagrams wait for a stopped process, as many as its socket holds; for one that sleeps they do not',
  async t => {
    const { clock, a, b } = pair(['ordinary', 'ordinary'])
    clock.advance(1_000)
    const send = (count: number) => {
      for (let n = 0; n < count; n++) a.connection.send(Uint8Array.of(n))
      clock.advance(1_000)
    }
    b.host.stop()
    send(100)
    t.strictSame(b.got, [])
    b.host.go()
    t.strictSame(
      b.got,
      Array.from({ length: 100 }, (_, n) => n),
    )
    b.got.length = 0
    b.host.stop()
    send(400)
    b.host.go()
    t.ok(b.got.length >= 250 && b.got.length <= 256, `${b.got.length}`)
    b.got.length = 0
    b.host.sleep()
    send(10)
    b.host.wake()
    clock.advance(1_000)
    t.strictSame(b.got, [])
    send(1)
    t.strictSame(b.got, [0])
  },
)
