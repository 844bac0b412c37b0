import t from 'tap'
import { pairName, withPair } from '../../protocol/pair.js'

t.test('two people have one name, whoever asks, however they write', async t => {
  t.equal(pairName('ABC', 'xyz'), pairName('XYZ', 'abc'))
  t.match(pairName('a', 'b'), /^[A-Za-z0-9_-]{11}$/)
  const names = ['a b', 'a c', 'ab c', 'a bc'].map(two => pairName(...(two.split(' ') as [string, string])))
  t.equal(new Set(names).size, 4)
})

t.test('stands behind the URL that is dialled', async t => {
  const name = pairName('a', 'b')
  t.equal(withPair('wss://voice.example.org', 'a', 'b'), `wss://voice.example.org/?pair=${name}`)
  t.equal(withPair('ws://h:9001/?x=1', 'b', 'a'), `ws://h:9001/?x=1&pair=${name}`)
})
