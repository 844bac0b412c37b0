import t from 'tap'
import { ScaleBudget } from '../../../peer/audio/scale-budget.js'
import { SeededRandom } from '../../simulation/seeded-random.js'

t.test('no second gets more than 150 ms, however it is spent, and all of it is had again', async t => {
  const random = new SeededRandom(2)
  const budget = new ScaleBudget()
  const spent: { at: number; ms: number }[] = []
  let now = 0
  for (let frame = 0; frame < 3000; frame++) {
    const ms = Math.min(budget.leftMs, random.chance(0.7) ? random.between(2.5, 15) : 0)
    budget.spend(ms)
    if (ms > 0) spent.push({ at: now, ms })
    const samples = 960 - Math.round(ms * 48)
    budget.pass(samples)
    now += samples / 48
  }
  let [worst, total] = [0, 0]
  for (const { at } of spent) {
    const second = spent.filter(other => other.at >= at && other.at < at + 1000)
    worst = Math.max(
      worst,
      second.reduce((sum, { ms }) => sum + ms, 0),
    )
  }
  for (const { ms } of spent) total += ms
  t.ok(worst <= 150 + 1e-6, `${worst} ms`)
  t.ok(Math.abs(budget.totalMs - total) < 1e-6)
  t.ok(total > (0.9 * 150 * now) / 1000, `${total} ms in ${now} ms`)
  budget.pass(48_000 * 1.02)
  t.ok(Math.abs(budget.leftMs - 150) < 1e-6)
})
