import t from 'tap'
import { RoundTrip } from '../../../peer/session/round-trip.js'
import type { StatusPacket } from '../../../protocol/packet.js'

const status = (times: Pick<StatusPacket, 'sentAt' | 'echo' | 'held'>): StatusPacket => ({
  kind: 'status',
  muted: false,
  doubt: false,
  recording: false,
  hears: true,
  wants: 'auto',
  lost: 0,
  jitter: 0,
  buffer: 0,
  burst: 0,
  late: 0,
  ...times,
})

/** Status after status to and fro; the way there takes `there`, the way back `back`, and the other side waits `held`. */
function measure({ there = 30, back = 50, held = 170, ahead = 0, start = 1_000 }): number | null {
  const own = new RoundTrip()
  const other = new RoundTrip()
  other.note(status(own.stamp(start)), start + there + ahead)
  own.note(status(other.stamp(start + there + held + ahead)), start + there + held + back)
  return own.ms
}

t.test('is none before there was a way there and back', async t => {
  const own = new RoundTrip()
  t.equal(own.ms, null)
  t.same(own.stamp(1_000), { sentAt: 1_000, echo: 0, held: 0 })
  own.note(status({ sentAt: 5, echo: 0, held: 0 }), 1_000)
  t.equal(own.ms, null)
})

t.test('is both ways, without the time that the other side waited', async t => {
  t.equal(measure({}), 80)
  t.equal(measure({ held: 0 }), 80)
  t.equal(measure({ held: 59_000 }), 80)
})

t.test('does not depend on the two clocks', async t => {
  for (const ahead of [0, 1, 5_000_000, 2 ** 32, 1_760_000_000_000]) t.equal(measure({ ahead }), 80, `${ahead}`)
})

t.test('outlives the wrap of the 32-bit times', async t => {
  for (const start of [2 ** 32 - 10, 2 ** 32 - 200, 7 * 2 ** 32 - 1, 2 ** 32]) {
    const ms = measure({ start })
    t.ok(ms !== null && Math.abs(ms - 80) <= 1, `${start}: ${ms}`)
  }
})

t.test('says how long it held what it echoes, up to a minute', async t => {
  const own = new RoundTrip()
  own.note(status({ sentAt: 77, echo: 0, held: 0 }), 1_000)
  t.same(own.stamp(1_250), { sentAt: 1_250, echo: 77, held: 250 })
  t.same(own.stamp(1_000_000), { sentAt: 1_000_000, echo: 77, held: 65_535 })
})

t.test('does not take what was held for longer than can be said, or can not be true', async t => {
  const own = new RoundTrip()
  own.note(status({ sentAt: 1, echo: 1_000, held: 65_535 }), 90_000)
  own.note(status({ sentAt: 1, echo: 1_000, held: 500 }), 1_200)
  own.note(status({ sentAt: 1, echo: 2_000, held: 0 }), 1_200)
  own.note(status({ sentAt: 1, echo: 1_000, held: 0 }), 61_001)
  own.note(status({ sentAt: 1, echo: 1_000, held: 0 }), 2 ** 31 + 1_100)
  t.equal(own.ms, null)
  own.note(status({ sentAt: 1, echo: 1_000, held: 100 }), 1_200)
  t.equal(own.ms, 100)
})
