import { Worker } from 'node:worker_threads'
import t from 'tap'
import { Ring } from '../../../peer/audio/ring.js'

const bytes = (...values: number[]) => Uint8Array.from(values)

t.test('gives packets back in order, each once', async t => {
  const ring = Ring.create()
  ring.push(7, bytes(1, 2, 3))
  ring.push(8, bytes())
  t.equal(ring.length, 2)
  t.same(ring.pop(), { at: 7, payload: bytes(1, 2, 3) })
  t.same(ring.pop(), { at: 8, payload: bytes() })
  t.equal(ring.pop(), null)
  t.equal(ring.length, 0)
})

t.test('is the same ring from another view of its memory', async t => {
  const ring = Ring.create({ slots: 4, slotBytes: 8 })
  const other = Ring.from(ring.buffer)
  ring.push(0xffffffff, bytes(9))
  t.same(other.pop(), { at: 0xffffffff, payload: bytes(9) })
  t.equal(ring.length, 0)
})

t.test('drops the oldest when full, and counts it', async t => {
  const ring = Ring.create({ slots: 4, slotBytes: 8 })
  for (let at = 0; at < 5; at++) ring.push(at, bytes(at))
  t.equal(ring.length, 3)
  t.equal(ring.dropped, 2)
  t.same([ring.pop()?.at, ring.pop()?.at, ring.pop()?.at, ring.pop()], [2, 3, 4, null])
})

t.test('goes on over the end of its counters', async t => {
  const ring = Ring.create({ slots: 4, slotBytes: 8 })
  new Uint32Array(ring.buffer).set([0xfffffffe, 0xfffffffe])
  for (let at = 0; at < 5; at++) {
    ring.push(at, bytes(at))
    ring.push(at + 100, bytes(at))
    t.equal(ring.length, 2)
    t.equal(ring.pop()?.at, at)
    t.equal(ring.pop()?.at, at + 100)
  }
})

t.test('refuses what does not fit', async t => {
  const ring = Ring.create({ slots: 2, slotBytes: 8 })
  t.throws(() => ring.push(0, new Uint8Array(9)), RangeError)
  t.throws(() => Ring.create({ slots: 3 }), RangeError)
})

t.test('tears, reorders and doubles nothing between two threads, full most of the time', async t => {
  const ring = Ring.create({ slots: 8, slotBytes: 256 })
  const total = 150_000
  const producer = new Worker(
    `const { workerData: { module, buffer, total } } = require('node:worker_threads')
     import(module).then(({ Ring }) => {
       const ring = Ring.from(buffer)
       for (let at = 0; at < total; at++) ring.push(at, new Uint8Array(1 + (at % 250)).fill(at * 7))
     })`,
    {
      eval: true,
      workerData: { module: new URL('../../../peer/audio/ring.js', import.meta.url).href, buffer: ring.buffer, total },
    },
  )
  const ended = new Promise(resolve => producer.once('exit', resolve))
  let [taken, last, wrong] = [0, -1, 0]
  while (last < total - 1) {
    const packet = ring.pop()
    if (!packet) continue
    taken++
    const { at, payload } = packet
    if (at <= last || payload.length !== 1 + (at % 250) || payload.some(byte => byte !== ((at * 7) & 255))) wrong++
    last = at
  }
  await ended
  t.equal(wrong, 0)
  t.equal(taken + ring.dropped, total, 'each packet was taken or counted as dropped')
  t.ok(ring.dropped > 0 && taken > 0, `both happened: ${taken} taken, ${ring.dropped} dropped`)
})
