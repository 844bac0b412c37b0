import t from 'tap'
import type { AudioStats } from '../../../peer/audio/audio.js'
import type { SessionFigures } from '../../../peer/session/session.js'
import { StatsMeter } from '../../../peer/terminal/stats.js'

const audio: AudioStats = {
  framesPlayed: 500,
  framesLost: 3,
  framesConcealed: 4,
  framesLate: 1,
  underruns: 2,
  bufferMs: 40.04,
  jitterMs: 3.17,
  scaledMs: 0,
  levelIn: -30.06,
  levelOut: -100,
  captureDropped: 0,
  playoutDropped: 0,
}
const figures = (bytesUp: number, bytesDown: number, change: Partial<SessionFigures> = {}): SessionFigures => ({
  rttMs: 41.6,
  lossPct: 0.4,
  routes: { direct: { rttMs: null, lossPct: 0 }, relay: { rttMs: 41.6, lossPct: 0.4 } },
  bytesUp,
  bytesDown,
  refused: new Map(),
  ...change,
})

function meter() {
  const clock = { now: 1_000 }
  return { clock, it: new StatsMeter(() => clock.now) }
}

t.test('passes on what was measured, rounded', async t => {
  const { it, clock } = meter()
  clock.now += 1_000
  t.same(it.take('relay', null, figures(6_000, 3_000), audio), {
    route: 'relay',
    rttMs: 42,
    lossPct: 0.4,
    path: null,
    routes: { direct: { rttMs: null, lossPct: 0 }, relay: { rttMs: 42, lossPct: 0.4 } },
    jitterMs: 3.2,
    bufferMs: 40,
    kbpsUp: 48,
    kbpsDown: 24,
    framesLost: 3,
    framesConcealed: 4,
    underruns: 2,
    levelIn: -30.1,
    levelOut: -100,
  })
})

t.test('turns totals into rates, whatever time has passed', async t => {
  const { it, clock } = meter()
  clock.now += 1_000
  it.take('relay', null, figures(6_000, 6_000), audio)
  clock.now += 2_000
  t.match(it.take('relay', null, figures(18_000, 6_000), audio), { kbpsUp: 48, kbpsDown: 0 })
  clock.now += 500
  t.match(it.take('relay', null, figures(18_000, 6_625), audio), { kbpsUp: 0, kbpsDown: 10 })
})

t.test('a new session that counts from zero gives no negative rate', async t => {
  const { it, clock } = meter()
  clock.now += 1_000
  it.take('relay', null, figures(6_000, 6_000), audio)
  clock.now += 1_000
  t.match(it.take('relay', null, figures(120, 0), audio), { kbpsUp: 0, kbpsDown: 0 })
  clock.now += 1_000
  t.match(it.take('relay', null, figures(6_120, 6_000), audio), { kbpsUp: 48, kbpsDown: 48 })
})

t.test('two looks at the same moment do not divide by nothing', async t => {
  const { it } = meter()
  const { kbpsUp } = it.take(null, null, figures(10, 0, { rttMs: null }), audio)
  t.ok(Number.isFinite(kbpsUp))
})

t.test('says that there is no round trip yet', async t => {
  const { it, clock } = meter()
  clock.now += 1_000
  t.match(it.take(null, null, figures(0, 0, { rttMs: null }), audio), { route: null, rttMs: null })
})
