import t from 'tap'
import { ASCII } from '../../../../peer/terminal/screen/glyphs.js'
import { textOf } from '../../../../peer/terminal/screen/line.js'
import { sparkline } from '../../../../peer/terminal/screen/sparkline.js'
import { qualities } from './shown.js'

const line = (lost: readonly (number | null)[], width: number) => textOf(sparkline(qualities(lost), width, ASCII))

t.test('has a column a second in 60 columns', async t => {
  t.equal(line([0, 50, 0], 60), `909${'.'.repeat(57)}`)
  t.equal(line([], 60), '.'.repeat(60))
  t.equal(line(Array(60).fill(0), 80), '9'.repeat(60), 'a minute is all')
  t.equal(line([...Array(60).fill(50), 0], 60), `${'0'.repeat(59)}9`, 'it moves left')
  t.equal(line([0, null, 0], 60).slice(0, 3), '9 9', 'what could not be judged is a hole')
})

t.test('shows the worst of the seconds that share a column, and keeps them together', async t => {
  t.equal(line([0, 0, 50, 0], 20).slice(0, 2), '09')
  t.equal(line([0, 0, 0, 50], 20).slice(0, 2), '90')
  const moving = [...Array(59).fill(0), 50]
  for (let more = 0; more < 12; more++) {
    const bars = line([...moving, ...Array(more).fill(0)], 20)
    t.equal(bars.length, 20)
    t.match(bars, /^9+09*$/, 'one bad second is one bad column wherever it moves')
  }
})

t.test('survives no room', async t => {
  t.same(sparkline(qualities([1, 2]), 0, ASCII), [])
  t.equal(line([0, 50], 1), '0')
})
