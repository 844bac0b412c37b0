import t from 'tap'
import { DelayLine } from '../../../peer/echo/delay-line.js'

const packet = (n: number) => Uint8Array.of(n & 255)
const steps = (line: DelayLine, count: number) => Array.from({ length: count }, () => line.step()[0] ?? null)

t.test('gives each packet back after the delay, in order', async t => {
  const line = new DelayLine(3)
  const out: (number | null)[] = []
  for (let n = 0; n < 8; n++) {
    line.put(100 + n, packet(n))
    out.push(...steps(line, 1))
  }
  t.same(out, [null, null, null, 0, 1, 2, 3, 4])
})

t.test('puts in order what came out of it, and takes no packet twice', async t => {
  const line = new DelayLine(3)
  for (const n of [1, 0, 1, 2, 2]) line.put(n, packet(n))
  // The first that came is due after the delay; what is older is due before it.
  t.same(steps(line, 6), [null, null, 0, 1, 2, null])
})

t.test('leaves a gap where a packet never came, and drops one that comes after its moment', async t => {
  const line = new DelayLine(2)
  line.put(0, packet(0))
  line.put(2, packet(2))
  t.same(steps(line, 3), [null, null, 0])
  t.same(steps(line, 1), [null])
  line.put(1, packet(1))
  t.same(steps(line, 2), [2, null])
})

t.test('goes on across the wrap of the count', async t => {
  const line = new DelayLine(2)
  for (const at of [0xffffffff, 0, 1]) line.put(at, packet(at))
  t.same(steps(line, 5), [null, null, 255, 0, 1])
})

t.test('starts anew when the sender counts anew, and never holds more than two delays', async t => {
  const line = new DelayLine(5)
  line.put(7, packet(7))
  line.put(5_000, packet(1))
  t.same(steps(line, 6), [null, null, null, null, null, 1])
  for (let n = 0; n < 1000; n++) line.put(n, packet(n))
  t.ok(line.length <= 11, `${line.length}`)
})
