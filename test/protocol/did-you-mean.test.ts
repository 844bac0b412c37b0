import t from 'tap'
import { didYouMean } from '../../protocol/did-you-mean.js'

t.test('suggests what is near, and nothing else', async t => {
  const words = ['id', 'route', 'password-file']
  t.equal(didYouMean('rotue', words), ' Did you mean "route"?')
  t.equal(didYouMean('Password_File', words), ' Did you mean "password-file"?')
  t.equal(didYouMean('volume', words), '')
  t.equal(didYouMean('x', []), '')
})
