/**
 * Short calls over recorded speech. Everything runs on a virtual clock from a seed, so the figures are the same on each machine; the bounds
 * leave room for changes that are meant.
 */
import t from 'tap'
import { type Condition, conditions } from './condition.js'
import type { OneWay } from './spoken.js'
import { spokenCall } from './spoken-call.js'

const SHORT = { parts: [0], partMs: 5_000, settleMs: 2_000, maxDelayMs: 400 }

function short(name: string): Condition {
  const condition = conditions.find(condition => condition.name === name)
  if (!condition) throw new Error(`there is no condition ${name}`)
  return { ...condition, ...SHORT }
}

function delays({ parts }: OneWay): number[] {
  return parts[0]!.track.map(point => point.delayMs).sort((a, b) => a - b)
}

t.test('a clean network', async t => {
  const { ways } = await spokenCall(short('clean'), 1)
  for (const way of ways) {
    const [part] = way.parts
    const all = delays(way)
    t.ok(part!.windows >= 12, `${part!.windows} windows of speech`)
    t.ok(part!.track.length >= part!.windows - 2, `speech is found in ${part!.track.length} of them`)
    t.ok(all[0]! > 40, `not sooner than its frames take: ${all[0]} ms`)
    t.ok(all.at(-1)! < 80, `at most ${all.at(-1)} ms`)
    t.ok(part!.stoi > 0.98, `STOI ${part!.stoi}`)
    t.ok(part!.estoi > 0.97, `ESTOI ${part!.estoi}`)
    t.ok(way.concealedPct < 3, `${way.concealedPct} % made up`)
    t.ok(way.kbps > 20 && way.kbps < 150, `${way.kbps} kb/s`)
  }
})

t.test('40 ms away with a fifth lost: later by that, worse, and still speech', async t => {
  const { ways } = await spokenCall(short('loss20'), 1)
  for (const way of ways) {
    const [part] = way.parts
    const all = delays(way)
    const median = all[Math.floor(all.length / 2)]!
    t.ok(median > 80 && median < 180, `${median} ms`)
    t.ok(part!.track.length > part!.windows * 0.8, `found in ${part!.track.length} of ${part!.windows}`)
    t.ok(part!.stoi > 0.75, `STOI ${part!.stoi}`)
    t.ok(
      way.seconds.some(({ lossPct }) => lossPct > 8),
      'the loss is seen',
    )
  }
})

t.test('the same seed is the same call', async t => {
  const condition = { ...short('loss20'), partMs: 1_000, settleMs: 500 }
  const [one, same] = [await spokenCall(condition, 3), await spokenCall(condition, 3)]
  t.ok(one.ways[0].parts[0]!.stoi > 0)
  t.same(same, one)
})
