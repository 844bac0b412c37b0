import t from 'tap'
import { Prober } from '../../../peer/session/prober.js'

t.test('probes until three different probes were answered', async t => {
  const prober = new Prober()
  t.equal(prober.next(0), null, 'nothing to prove yet')
  prober.begin(7)
  t.strictSame(prober.next(0), { kind: 'probe', generation: 7, n: 0, answer: false })
  t.match([prober.next(0), prober.next(0), prober.next(0)], [{ n: 1 }, { n: 2 }, { n: 3 }])
  t.same(
    [2, 2, 0, 3].map(n => prober.answered({ generation: 7, n }, 0, 100)),
    [false, false, false, true],
  )
  t.equal(prober.next(0), null)
  t.equal(prober.answered({ generation: 7, n: 1 }, 0, 100), false, 'once')
})

t.test('answers of another generation prove nothing', async t => {
  const prober = new Prober()
  prober.begin(7)
  for (const _ of [0, 1]) prober.next(0)
  for (const n of [0, 1]) prober.answered({ generation: 7, n }, 0, 100)
  prober.begin(8)
  for (const _ of [0, 1, 2]) prober.next(0)
  t.same(
    [0, 1, 2].map(n => prober.answered({ generation: 7, n }, 0, 100)),
    [false, false, false],
  )
  t.same(
    [0, 1, 2].map(n => prober.answered({ generation: 8, n }, 0, 100)),
    [false, false, true],
  )
})

t.test('numbers wrap', async t => {
  const prober = new Prober()
  prober.begin(1)
  const next = () => Array.from({ length: 5 }, () => prober.next(0)).find(probe => probe !== null)
  for (let i = 0; i < 15; i++) t.match(prober.next(0), { n: i }, 'one each tick at first')
  for (let i = 15; i < 256; i++) t.match(next(), { n: i }, 'then one in five')
  t.match(next(), { n: 0 })
})

t.test('answers that were never asked for, or took too long, prove nothing', async t => {
  const prober = new Prober()
  prober.begin(1)
  for (const now of [0, 20, 40, 60, 80, 100]) prober.next(now)
  t.equal(prober.answered({ generation: 1, n: 200 }, 90, 100), false, 'no such probe was sent')
  t.same(
    [0, 1, 2].map(n => prober.answered({ generation: 1, n }, 150, 100)),
    [false, false, false],
    'the first took 150, the second 130 ms',
  )
  t.same(
    [3, 4, 5].map(n => prober.answered({ generation: 1, n }, 150, 100)),
    [false, false, true],
  )
})

t.test('where there is no other way, answers may take their time', async t => {
  const prober = new Prober()
  prober.begin(1)
  for (const now of [0, 20, 40]) prober.next(now)
  t.same(
    [0, 1, 2].map(n => prober.answered({ generation: 1, n }, 60_000, Number.POSITIVE_INFINITY)),
    [false, false, true],
  )
})
