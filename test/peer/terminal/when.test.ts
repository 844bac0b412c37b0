import t from 'tap'
import { day, timeOfDay } from '../../../peer/terminal/when.js'

t.test('writes days and times of this time zone', async t => {
  t.equal(day(new Date(2026, 4, 3, 12).getTime()), '3 May 2026')
  t.equal(day(new Date(2027, 11, 31, 23, 59).getTime()), '31 December 2027')
  t.equal(timeOfDay(new Date(2026, 4, 3, 7, 5).getTime()), '07:05')
  t.equal(timeOfDay(new Date(2026, 4, 3, 23, 59, 1).getTime()), '00:00', 'nobody comes too early')
})
