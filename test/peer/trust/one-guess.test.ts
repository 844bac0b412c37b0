import t from 'tap'
import { OneGuess } from '../../../peer/trust/one-guess.js'

t.test('allows one, and after it nothing unless it was right', async t => {
  const guesses = new OneGuess()
  t.match(guesses.begin(), { allowed: true })
  t.same(guesses.begin(), { allowed: false, retryAt: null })
  t.same(guesses.begin(), { allowed: false, retryAt: null })
})

t.test('a right one leaves things as they were, once', async t => {
  const guesses = new OneGuess()
  const first = guesses.begin()
  if (first.allowed) first.settle()
  t.match(guesses.begin(), { allowed: true })
  if (first.allowed) first.settle()
  t.match(guesses.begin(), { allowed: false }, 'the first one settles nothing but itself')
})
