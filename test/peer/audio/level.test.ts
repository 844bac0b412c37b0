import t from 'tap'
import { levelOf } from '../../../peer/audio/level.js'

t.test('tells the level in dBFS', async t => {
  t.equal(levelOf(new Int16Array(960)), -100)
  t.equal(levelOf(new Int16Array(0)), -100)
  t.equal(levelOf(new Int16Array(960).fill(-32768)), 0)
  const sine = Int16Array.from({ length: 4800 }, (_, i) => 3276.8 * Math.sin((2 * Math.PI * i) / 48))
  t.ok(Math.abs(levelOf(sine) + 23.01) < 0.05, 'a sine of a tenth of full scale')
})
