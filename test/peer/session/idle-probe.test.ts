import t from 'tap'
import { IdleProbe } from '../../../peer/session/idle-probe.js'

/** Ticks up to the next probe. */
function until(probe: IdleProbe, now = 0) {
  for (let ticks = 1; ; ticks++) {
    const packet = probe.next(now)
    if (packet) return { ticks, packet }
  }
}

t.test('probes each 5 s, the first time after half a second', async t => {
  const probe = new IdleProbe()
  t.same(
    [until(probe), until(probe), until(probe)].map(({ ticks }) => ticks),
    [25, 250, 250],
  )
})

t.test('probes soon while somebody waits for it, and then ever more rarely, up to each second', async t => {
  const probe = new IdleProbe()
  until(probe)
  const waited = () => {
    const at: number[] = []
    for (let tick = 1; tick <= 200; tick++) if (probe.next(0, true)) at.push(tick)
    return at
  }
  t.same(waited(), [10, 30, 70, 120, 170])
  probe.next(0)
  t.same(waited().slice(0, 2), [1, 21], 'the last one is some time ago')
})

t.test('measures by each answer once, and by none that took 10 s', async t => {
  const probe = new IdleProbe()
  const first = until(probe, 1_000).packet
  const second = until(probe, 6_000).packet
  t.equal(probe.answered(first, 11_001), null, 'too late')
  t.equal(probe.answered({ ...second, generation: 7 }, 6_020), null, 'of a direct attempt')
  t.equal(probe.answered(second, 6_034), 34)
  t.equal(probe.answered(second, 6_100), null)
})

t.test('takes no answer before it asked, and goes on when its numbers wrap', async t => {
  const probe = new IdleProbe()
  t.equal(probe.answered({ generation: 0, n: 0 }, 10), null)
  for (let i = 0; i < 300; i++) t.equal(probe.answered(until(probe, i).packet, i + 3), 3)
})
