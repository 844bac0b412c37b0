/** The direct route comes back by itself after UDP was dead for a short and for a long while, and nobody hears it. */
import t, { type Test } from 'tap'
import { NetworkLab } from '../lab/network.js'
import { watchCrowding } from './crowding.js'
import {
  bothOn,
  eventsOf,
  judgeBetween,
  longestGap,
  type Microphones,
  microphones,
  routesOf,
  startInLab,
} from './direct-call.js'
import { type Outcome, steadily } from './steadily.js'
import { sleep } from './whole-call.js'

const skip = NetworkLab.available() ?? false
if (skip) t.comment(skip)

const DEAD_MS = [30_000, 200_000] as const
const BACK_MS = 30_000
/** What may be missing of speech at most at the switch back, ms. */
const LONGEST_MS = 60
/** Around the switch, ms. */
const NEAR_MS = 1500
/** A whole call, ms. */
const LIMIT_MS = 280_000

async function returns(t: Test, deadMs: number, sides: Microphones): Promise<Outcome> {
  const { network, call } = await startInLab(t, {}, { ...sides, limitMs: LIMIT_MS })
  await call.talking('direct')
  await sleep(2500)
  const seen = eventsOf(call)
  const droppedAt = Date.now()
  network.setUdp('a', false)
  await bothOn(call, 'relay', 5000, seen)
  await sleep(droppedAt + deadMs - Date.now())
  const relayed = eventsOf(call)
  const openedAt = Date.now()
  const watch = watchCrowding([call.a.peer.pid, call.b.peer.pid])
  network.setUdp('a', true)
  const moved = await bothOn(call, 'direct', BACK_MS, relayed)
  await sleep(3000)
  const crowding = watch.stop()
  const end = Date.now()
  t.same(await call.hangUp(), [0, 0])
  const ways = (['a', 'b'] as const).map((listener, n) => {
    const { id } = call[listener]
    const at = moved[n]!
    // Before that it began on the relay, which is there first.
    t.same(routesOf(call[listener]).slice(-3), ['direct', 'relay', 'direct'], 'direct, relay, direct')
    const gap = longestGap(judgeBetween(call.recordings(listener), at - 3000, end), at - NEAR_MS, at + NEAR_MS)
    return {
      note: `${id}: direct ${at - openedAt} ms after UDP passed again, gap of ${gap} ms at the switch`,
      faults: gap <= LONGEST_MS ? [] : [`${id}: gap of ${gap} ms at the switch back`],
    }
  })
  return { notes: ways.map(({ note }) => note), faults: ways.flatMap(({ faults }) => faults), crowding }
}

t.setTimeout(600_000)

t.test('is direct again after UDP was dead for a while', { skip, jobs: DEAD_MS.length, timeout: 600_000 }, async t => {
  const sides = microphones(t)
  const calls = DEAD_MS.map(deadMs =>
    t.test(`for ${deadMs / 1000} s`, { buffered: true, timeout: 600_000 }, t =>
      steadily(t, t => returns(t, deadMs, sides)),
    ),
  )
  await Promise.all(calls)
})
