/** How long nothing is heard when the direct route dies in the middle of speech, and when the whole network of one side changes. */
import t, { type Test } from 'tap'
import { NetworkLab } from '../lab/network.js'
import { describeCrowding } from '../system/crowding.js'
import {
  bothOn,
  concealedAfter,
  eventsOf,
  judgeBetween,
  type LabCall,
  longestGap,
  microphones,
  routesOf,
  startInLab,
} from '../system/direct-call.js'
import { LATE_MS, steadily } from '../system/steadily.js'
import { GOOD_STOI, sleep } from '../system/whole-call.js'
import { Turns } from './turns.js'

const skip = NetworkLab.available() ?? false
if (skip) t.comment(skip)

const CALLS = 20
/** Each has a lab of its own. */
const AT_ONCE = 2
/** On the direct route before it dies, and after that, ms. */
const BEFORE_MS = 2500
const AFTER_MS = 3000
const MEDIAN_MS = 160
const LONGEST_MS = 300
const REPLACEMENTS = 5
const MOVED_MS = 2000

const sides = microphones(t)
const turns = new Turns()

/** Talks on the direct route, undoes it, talks on, hangs up. Gives when it was undone and when all ended. */
async function drop(t: Test, { network, call }: LabCall) {
  await call.talking('direct')
  await sleep(BEFORE_MS)
  const seen = eventsOf(call)
  const at = Date.now()
  network.setUdp('a', false)
  await bothOn(call, 'relay', 5000, seen)
  await sleep(at + AFTER_MS - Date.now())
  const end = Date.now()
  t.same(await call.hangUp(), [0, 0])
  for (const side of [call.a, call.b]) t.equal(routesOf(side).at(-1), 'relay', 'the relay carries on')
  return { call, at, end }
}

/** The longest gap of each side, ms. */
function gapsOf({ call, at, end }: Awaited<ReturnType<typeof drop>>): number[] {
  return (['a', 'b'] as const).map(listener =>
    longestGap(judgeBetween(call.recordings(listener), at - BEFORE_MS, end), at - 300, end - 500),
  )
}

t.setTimeout(600_000)

t.test('falls back to the relay within a blink when UDP dies', { skip, jobs: AT_ONCE, timeout: 600_000 }, async t => {
  const all: number[] = []
  let [count, replaced] = [0, 0]
  while (all.length < 2 * CALLS) {
    const names = Array.from({ length: Math.min(AT_ONCE, CALLS - all.length / 2) }, () => `call ${++count}`)
    await Promise.all(
      names.map(name =>
        t.test(name, { buffered: true, timeout: 60_000 }, async t => {
          const dropped = await turns.take('call', async () => drop(t, await startInLab(t, {}, sides)))
          const gaps = await turns.take('judging', () => gapsOf(dropped))
          const { crowding } = dropped.call
          const made = [dropped.call.a, dropped.call.b].map(side => concealedAfter(side, dropped.at))
          t.comment(`longest gaps ${gaps.join(' and ')} ms, ${made.join(' and ')} frames made up`)
          if (Math.max(...gaps) <= LONGEST_MS || crowding.lateMs < LATE_MS || replaced === REPLACEMENTS)
            return void all.push(...gaps)
          replaced++
          t.comment(`does not count: ${describeCrowding(crowding)}`)
        }),
      ),
    )
    if (!t.passing()) return
  }
  const sorted = all.toSorted((x, y) => x - y)
  const median = (sorted[CALLS - 1]! + sorted[CALLS]!) / 2
  t.comment(`all, ms: ${sorted.join(' ')}`)
  t.comment(`median ${median} ms, ${replaced} calls were replaced`)
  t.ok(median <= MEDIAN_MS, `median of ${median} ms`)
  t.ok(sorted.at(-1)! <= LONGEST_MS, `longest of ${sorted.at(-1)} ms`)
})

t.test('goes on when one side comes to another network', { skip, timeout: 240_000 }, t =>
  steadily(t, async t => {
    const { network, call } = await startInLab(t, {}, sides)
    await call.talking('direct')
    await sleep(BEFORE_MS)
    const at = Date.now()
    network.move('a')
    await sleep(8000)
    const end = Date.now()
    t.same(await call.hangUp(), [0, 0])
    const ways = (['a', 'b'] as const).map(listener => {
      const sound = call.recordings(listener)
      const gap = longestGap(judgeBetween(sound, at - BEFORE_MS, end), at - 300, end - 500)
      const { stoi } = judgeBetween(sound, end - 3000, end)
      const name = call[listener].id
      return {
        note: `${name} hears nothing for ${gap} ms, STOI ${stoi.toFixed(3)} at the end; ${routesOf(call[listener]).join(' -> ')}`,
        faults: [
          ...(gap <= MOVED_MS ? [] : [`${name}: gap of ${gap} ms`]),
          ...(stoi > GOOD_STOI ? [] : [`${name}: STOI ${stoi.toFixed(3)} at the end`]),
        ],
      }
    })
    return {
      notes: ways.map(({ note }) => note),
      faults: ways.flatMap(({ faults }) => faults),
      crowding: call.crowding,
    }
  }),
)
