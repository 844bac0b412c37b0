import t from 'tap'
import { ASCII, UNICODE } from '../../../../peer/terminal/screen/glyphs.js'
import { textOf } from '../../../../peer/terminal/screen/line.js'
import { levelText, meter, PeakHold } from '../../../../peer/terminal/screen/meter.js'

const bar = (db: number, peak = -100, cells = 12) => textOf(meter(db, peak, cells, ASCII))

t.test('fills from -60 to 0 dBFS, half a cell at a time', async t => {
  t.equal(bar(-100), '............')
  t.equal(bar(-60), '............')
  t.equal(bar(-57.5), '-...........')
  t.equal(bar(-55), '=...........')
  t.equal(bar(-30), '======......')
  t.equal(bar(-27.5), '======-.....')
  t.equal(bar(0), '============')
  t.equal(bar(6), '============', 'no more than all of it')
  t.equal(textOf(meter(-27.5, -100, 12, UNICODE)), '━━━━━━╸┄┄┄┄┄')
})

t.test('marks the highest of late, unless the bar covers it', async t => {
  t.equal(bar(-30, -10), '======....|.')
  t.equal(bar(-30, 0), '======.....|')
  t.equal(bar(-30, -30), '======|.....')
  t.equal(bar(-100, -100), '............')
})

t.test('colours by place, not by level', async t => {
  const styles = meter(0, 0, 60, ASCII).map(({ style }) => style)
  t.same([...new Set(styles)], ['good', 'warn', 'bad'])
  t.equal(styles.indexOf('warn'), 45)
  t.equal(styles.indexOf('bad'), 54)
})

t.test('tells the level in six columns', async t => {
  for (const [db, said] of [
    [-100, ' quiet'],
    [-60.1, ' quiet'],
    [-60, '-60 dB'],
    [-20.4, '-20 dB'],
    [-7.2, ' -7 dB'],
    [-6, '  LOUD'],
    [0, '  LOUD'],
  ] as const)
    t.equal(levelText(db).text, said)
})

t.test('holds a peak for a while', async t => {
  const peak = new PeakHold()
  t.equal(peak.take(-40, 0), -40)
  t.equal(peak.take(-10, 100), -10)
  t.equal(peak.take(-30, 1_600), -10)
  t.equal(peak.take(-30, 1_601), -30)
  t.equal(peak.take(-20, 1_700), -20)
})
