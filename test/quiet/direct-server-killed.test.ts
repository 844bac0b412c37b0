/** A call on the direct route does not need the server, and finds it again when it comes back. */
import t from 'tap'
import { NetworkLab } from '../lab/network.js'
import { bothOn, eventsOf, judgeBetween, longestGap, microphones, routesOf, startInLab } from '../system/direct-call.js'
import { steadily } from '../system/steadily.js'
import { figures, sleep } from '../system/whole-call.js'

const skip = NetworkLab.available() ?? false
if (skip) t.comment(skip)

/** While there is no server, and after it was found again, ms. */
const DOWN_MS = 4000
const AGAIN_MS = 1500
/** What may be missing of speech at most while the server goes and comes, ms. */
const LONGEST_MS = 40
const FALLBACK_MS = 5000

t.setTimeout(300_000)

t.test('goes on without the server, and falls back to the relay once that is there again', { skip }, t => {
  const sides = microphones(t)
  return steadily(t, async t => {
    const { network, call } = await startInLab(t, {}, sides)
    await call.talking('direct')
    await sleep(2500)
    const killedAt = Date.now()
    const seen = eventsOf(call)
    call.server.kill('SIGKILL')
    await call.server.exited
    await sleep(DOWN_MS)
    await call.serverAgain()
    const againAt = Date.now()
    await call.server.event(line => line.msg === 'establishing connection' && line.resumed === true, 20_000)
    const foundMs = Date.now() - againAt
    await sleep(AGAIN_MS)
    for (const [n, { peer }] of [call.a, call.b].entries())
      t.notOk(
        peer.events.slice(seen[n]).some(event => event.event === 'state' && event.route === 'relay'),
        'direct all the time',
      )
    const before = eventsOf(call)
    const droppedAt = Date.now()
    network.setUdp('a', false)
    const moved = await bothOn(call, 'relay', FALLBACK_MS, before)
    await sleep(2000)
    const end = Date.now()
    t.same(await call.hangUp(), [0, 0])
    const ways = (['a', 'b'] as const).map((listener, n) => {
      const side = call[listener]
      const without = judgeBetween(call.recordings(listener), killedAt - 2000, droppedAt)
      const gap = longestGap(without, killedAt - 500, droppedAt)
      const drop = longestGap(judgeBetween(call.recordings(listener), droppedAt - 2000, end), droppedAt - 300, end)
      return {
        notes: [
          figures(`${side.id} hears without the server`, without, side),
          `${side.id}: gap of ${gap} ms; on the relay ${moved[n]! - droppedAt} ms after the drop, gap of ${drop} ms then; ${routesOf(side).join(' -> ')}`,
        ],
        faults: gap <= LONGEST_MS ? [] : [`${side.id}: gap of ${gap} ms while the server was away`],
      }
    })
    return {
      notes: [`the peers found the server ${foundMs} ms after it was back`, ...ways.flatMap(({ notes }) => notes)],
      faults: ways.flatMap(({ faults }) => faults),
      crowding: call.crowding,
    }
  })
})
