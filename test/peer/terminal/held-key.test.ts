import t from 'tap'
import { HeldKey } from '../../../peer/terminal/held-key.js'

/** What becomes of `on` with presses at these times, ms. */
function press(key: HeldKey, on: boolean, times: readonly number[]): boolean {
  let state = on
  for (const time of times) state = key.press(time, state)
  return state
}

t.test('a tap toggles', async t => {
  for (const on of [true, false]) {
    const key = new HeldKey()
    t.equal(press(key, on, [0]), !on)
    t.equal(press(key, !on, [900]), on)
    t.equal(press(key, on, [1_200]), !on, 'soon after, too')
    t.equal(key.held, false)
  }
})

t.test('a held key inverts until it is let go', async t => {
  for (const on of [true, false]) {
    for (const delay of [30, 250, 500, 660]) {
      const key = new HeldKey()
      const repeats = Array.from({ length: 20 }, (_, i) => delay + 33 * i)
      t.equal(press(key, on, [0, ...repeats]), !on, `first repeat after ${delay} ms`)
      t.equal(key.held, true)
      t.equal(key.release(), on)
      t.equal(key.held, false)
    }
  }
})

t.test('a held key is held whether or not it was tapped before', async t => {
  const key = new HeldKey()
  t.equal(press(key, true, [0]), false)
  t.equal(press(key, false, [5_000, 5_500, 5_530, 5_560]), true)
  t.equal(key.release(), false, 'as it was before it went down')
  t.equal(press(key, false, [5_700]), true, 'and a tap after it is a tap')
})
