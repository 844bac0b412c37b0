import t from 'tap'
import { reasonOf } from '../../protocol/reason.js'

t.test('is the message of an error, and whatever else was thrown in words', async t => {
  t.equal(reasonOf(new TypeError('no such file')), 'no such file')
  t.equal(reasonOf('gone'), 'gone')
  t.equal(reasonOf(undefined), 'undefined')
})
