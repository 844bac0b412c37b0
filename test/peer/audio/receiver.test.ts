import t from 'tap'
import { Receiver } from '../../../peer/audio/receiver.js'
import { Ring } from '../../../peer/audio/ring.js'
import { matchAll } from '../match-all.js'

const block = (at: number) => ({ at, opus: Uint8Array.of(at & 255, 1) })
const voice = (...ats: number[]) => ({ kind: 'voice' as const, blocks: ats.map(block) })

function receiver() {
  const ring = Ring.create()
  const taken = () => {
    const entries: { at: number; payload: Uint8Array }[] = []
    for (let entry = ring.pop(); entry; entry = ring.pop()) entries.push(entry)
    return entries
  }
  return { it: new Receiver(ring), ats: () => taken().map(({ at }) => at), taken }
}

t.test('hands voice on as it comes, in whatever order', async t => {
  const { it, taken } = receiver()
  for (const at of [3, 1, 2]) it.accept(voice(at))
  matchAll(t, taken(), [
    { at: 3, payload: Uint8Array.of(3, 1) },
    { at: 1, payload: Uint8Array.of(1, 1) },
    { at: 2, payload: Uint8Array.of(2, 1) },
  ])
})

t.test('hands on the oldest block of a packet first', async t => {
  const { it, ats } = receiver()
  it.accept(voice(9, 7, 5))
  t.same(ats(), [5, 7, 9])
})

t.test('says that no voice comes for now', async t => {
  const { it, taken } = receiver()
  it.accept(voice(1))
  it.pause()
  matchAll(t, taken(), [{ at: 1 }, { payload: new Uint8Array(0) }])
})

t.test('puts the count of a new sender far behind that of the old one, in one piece', async t => {
  const { it, ats } = receiver()
  for (const at of [100, 101, 102]) it.accept(voice(at))
  ats()
  it.restart()
  for (const at of [0, 1, 3, 2]) it.accept(voice(at))
  t.same(ats(), [1102, 1103, 1105, 1104])
  it.restart()
  it.accept(voice(4_000_000_000))
  it.accept(voice(4_000_000_001))
  t.same(ats(), [2105, 2106])
})

t.test('keeps the first count as it is', async t => {
  const { it, ats } = receiver()
  it.accept(voice(7))
  t.same(ats(), [7])
})

t.test('goes on over the end of 32 bits', async t => {
  const { it, ats } = receiver()
  for (const at of [0xfffffffe, 0xffffffff, 0, 1]) it.accept(voice(at))
  t.same(ats(), [0xfffffffe, 0xffffffff, 0, 1])
  it.restart()
  it.accept(voice(0))
  t.same(ats(), [1001], 'the newest was 1')
})
