import t from 'tap'
import { plainText } from '../../../peer/terminal/plain-text.js'
import { inOneLine } from '../../../peer/terminal/troubles.js'

t.test('leaves words of any language, and nothing that a terminal obeys', async t => {
  for (const text of ['Grüße, Ζωή!', '日本語 😀', '']) t.equal(plainText(text), text)
  // Escape and its one-byte form, bell, line ends of all kinds, delete, from right to left.
  const obeyed = ['\x1b', '\x9b', '\x07', '\n', '\r', '\x85', '\u2028', '\x7f', '\u202e', '\u2066', '\0']
  for (const character of obeyed) t.equal(plainText(`a${character}b`), 'a b', character.codePointAt(0)!.toString(16))
})

t.test('a problem is one line, whoever worded it', async t => {
  const line = inOneLine({ name: 'tooMany', message: 'Full.\x1b[2J\x1b[1;1HVerified\r\n', hint: '' })
  t.equal(line, 'Full. [2J [1;1HVerified  ')
})
