import t from 'tap'
import { ReplayWindow } from '../../protocol/replay-window.js'
import { seeded } from './seeded.js'

t.test('takes each counter once', async t => {
  const window = new ReplayWindow(64)
  t.equal(window.highest, -1)
  for (const counter of [0, 1, 5, 3, 2, 4]) t.equal(window.mark(counter), true, `${counter}`)
  for (const counter of [0, 1, 2, 3, 4, 5]) t.equal(window.mark(counter), false, `${counter} again`)
  t.equal(window.highest, 5)
})

t.test('refuses what is older than the window, and takes its oldest place', async t => {
  const window = new ReplayWindow(1024)
  t.ok(window.mark(5000))
  t.notOk(window.mark(5000 - 1024))
  t.ok(window.mark(5000 - 1023))
  t.notOk(window.mark(5000 - 1023))
})

t.test('forgets what it overran: a jump leaves no ghosts', async t => {
  for (const jump of [31, 32, 33, 63, 64, 65, 127, 128, 1000]) {
    const window = new ReplayWindow(64)
    for (let i = 0; i < 64; i++) window.mark(i)
    const top = 63 + jump
    t.ok(window.mark(top))
    for (let i = Math.max(64, top - 63); i < top; i++) if (!window.mark(i)) t.fail(`jump ${jump}: ${i} counts as seen`)
  }
})

t.test('agrees with a plain set over random walks', async t => {
  const random = seeded('window')
  const window = new ReplayWindow(96)
  const seen = new Set<number>()
  let top = -1
  for (let step = 0; step < 20_000; step++) {
    const [kind, far] = random(2) as unknown as [number, number]
    const counter = Math.max(0, kind < 128 ? top + 1 - (far % 110) : top + 1 + (kind > 250 ? far : far % 3))
    const fresh = counter > top - 96 && !seen.has(counter)
    if (window.mark(counter) !== fresh) return t.fail(`step ${step}: ${counter} at ${top}`)
    seen.add(counter)
    top = Math.max(top, counter)
  }
  t.ok(top > 1000, `walked to ${top}`)
})

t.test('wants a size in whole words', async t => {
  for (const size of [0, 31, 33, -32]) t.throws(() => new ReplayWindow(size), RangeError)
})
