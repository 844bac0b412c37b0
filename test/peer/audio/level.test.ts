import t from 'tap'
import { isLouder, LevelMeter, levelOf } from '../../../peer/audio/level.js'

t.test('tells the level in dBFS', async t => {
  t.equal(levelOf(new Int16Array(960)), -100)
  t.equal(levelOf(new Int16Array(0)), -100)
  t.equal(levelOf(new Int16Array(960).fill(-32768)), 0)
  const sine = Int16Array.from({ length: 4800 }, (_, i) => 3276.8 * Math.sin((2 * Math.PI * i) / 48))
  t.ok(Math.abs(levelOf(sine) + 23.01) < 0.05, 'a sine of a tenth of full scale')
})

t.test('tells which sound is louder than a level, wherever in it the loud part is', async t => {
  const click = new Int16Array(960)
  for (const at of [0, 500, 959]) {
    click.fill(0)
    click[at] = 3000
    const level = levelOf(click)
    t.same([isLouder(click, level - 0.01), isLouder(click, level + 0.01)], [true, false], `sample ${at}`)
  }
  t.equal(isLouder(new Int16Array(960), -99), false)
  t.equal(isLouder(new Int16Array(0), -99), false)
  t.equal(isLouder(new Int16Array(960).fill(-32768), -0.01), true)
})

t.test('a meter rises at once and falls by 20 dB a second', async t => {
  const meter = new LevelMeter()
  t.equal(meter.db, -100)
  meter.note(new Int16Array(960).fill(3277))
  t.ok(Math.abs(meter.db + 20) < 0.01)
  for (let i = 0; i < 25; i++) meter.note(new Int16Array(960))
  t.ok(Math.abs(meter.db + 30) < 0.01, 'half a second later')
  meter.silence()
  t.equal(meter.db, -100)
})
