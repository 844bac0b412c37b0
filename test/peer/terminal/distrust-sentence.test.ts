import t from 'tap'
import { distrustSentence } from '../../../peer/terminal/distrust-sentence.js'
import { NAMES } from './views.js'

t.test('a changed key: what it may mean, both fingerprints, and how to accept it', async t => {
  const since = new Date(2026, 4, 3, 12).getTime()
  const { message, hint } = distrustSentence({ name: 'changedKey', known: 'AAAA', seen: 'BBBB', since }, 'No.', NAMES)
  t.match(message, /XYZ has another key than the one that you know since 3 May 2026\./)
  t.match(message, /new machine .* somebody else who pretends to be XYZ, the server or someone in between/)
  t.match(message, /Known: AAAA\. Shown now: BBBB\.$/)
  t.match(hint, /voicechat-peer contacts forget XYZ/)
})

t.test('too many tries: until when, and how to take them back', async t => {
  const at = new Date(2026, 4, 3, 14, 32).getTime()
  const { message, hint } = distrustSentence({ name: 'tooManyTries', retryAt: at }, null, NAMES)
  t.match(message, /somebody may be guessing; the next one is allowed at 14:32\.$/)
  t.match(hint, /voicechat-peer contacts unlock XYZ/)
  t.match(distrustSentence({ name: 'tooManyTries', retryAt: null }, null, NAMES).message, /guessing\.$/)
})

t.test('what cannot be accounted for: as it came', async t => {
  const { message, hint } = distrustSentence({ name: 'unaccounted', hint: 'Make room.' }, 'The disk is full.', NAMES)
  t.same([message, hint], ['Not verified: The disk is full.', 'Make room.'])
})
