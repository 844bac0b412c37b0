import t from 'tap'
import { didYouMean, editDistance } from '../../../peer/terminal/did-you-mean.js'

t.test('counts letters to insert, drop, change or swap', async t => {
  for (const [from, to, distance] of [
    ['', '', 0],
    ['', 'abc', 3],
    ['route', 'route', 0],
    ['rout', 'route', 1],
    ['rotue', 'route', 1],
    ['kitten', 'sitting', 3],
  ] as const)
    t.equal(editDistance(from, to), distance, `${from} ${to}`)
})

t.test('suggests what is near, and nothing else', async t => {
  const words = ['id', 'route', 'password-file']
  t.equal(didYouMean('rotue', words), ' Did you mean "route"?')
  t.equal(didYouMean('Password_File', words), ' Did you mean "password-file"?')
  t.equal(didYouMean('volume', words), '')
  t.equal(didYouMean('x', []), '')
})
