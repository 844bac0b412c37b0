import { wordlist } from '@scure/bip39/wordlists/english.js'
import t from 'tap'
import { drawWords, parseCode, printCode } from '../../../../peer/terminal/one-time/code.js'

const read = (text: string) => {
  const parsed = parseCode(text)
  return parsed.ok ? printCode(parsed.value) : parsed.error.message
}

t.test('each word comes from the same number of random values, and each of the list does', async t => {
  t.equal(wordlist.length, 2 ** 11)
  for (const place of [0, 1]) {
    const counts = new Map<string, number>()
    for (let value = 0; value < 0x10000; value++) {
      let asked = 0
      const random = (length: number) =>
        asked++ === place ? Uint8Array.of(value >> 8, value & 255).subarray(0, length) : Uint8Array.of(0, 0)
      const word = drawWords(random).split('-')[place]!
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    t.equal(counts.size, wordlist.length)
    t.same([...new Set(counts.values())], [0x10000 / wordlist.length])
  }
})

t.test('the first four letters tell all words apart, and none needs a hyphen', async t => {
  t.equal(new Set(wordlist.map(word => word.slice(0, 4))).size, wordlist.length)
  t.ok(wordlist.every(word => /^[a-z]{3,8}$/.test(word)))
})

t.test('what is printed is read back, every word in full and by its beginnings from four letters on', async t => {
  const wrong: string[] = []
  for (const [i, word] of wordlist.entries()) {
    const code = `${i + 1}-${word}-maple`
    for (let length = Math.min(4, word.length); length <= word.length; length++) {
      const typed = `${i + 1}-maple-${word.slice(0, length)}`
      if (read(typed) !== `${i + 1}-maple-${word}`) wrong.push(`${typed}: ${read(typed)}`)
    }
    if (read(code) !== code) wrong.push(`${code}: ${read(code)}`)
  }
  t.same(wrong, [])
})

t.test('takes any case, spaces or hyphens, beginnings', async t => {
  for (const typed of [
    '7-orbit-maple',
    '7 orbit maple',
    '  7  ORBIT - Maple\n',
    '07-orbi-mapl',
    '７-orbit-maple',
    '7‑orbit–maple',
    '7-Orbi maple',
  ])
    t.equal(read(typed), '7-orbit-maple', typed)
  t.equal(read('999999-zoo-zoo'), '999999-zoo-zoo')
  t.equal(read('5-act-acti'), '5-act-action', 'a word that begins another one is that word')
})

t.test('says which word is none, and what it might be', async t => {
  t.equal(read('7-orbit-mapel'), '"mapel" is no word of a code. Did you mean "maple"?')
  t.equal(read('7-orbti-maple'), '"orbti" is no word of a code. Did you mean "orbit"?')
  t.equal(
    read('7-orbix-maple'),
    '"orbix" is no word of a code. Did you mean "orbit"?',
    'its first letters are not enough',
  )
  t.equal(read('7-orbit-mapleleaf'), '"mapleleaf" is no word of a code. Did you mean "maple"?')
  t.equal(read('7-orbit-qqqqqqq'), '"qqqqqqq" is no word of a code.')
  t.equal(read('7-orbit-map'), '"map" is no word of a code. Did you mean "maple"?', 'three letters are not enough')
  t.match(read(`7-orbit-${'x'.repeat(5000)}`), /^"x{20}" is no word/)
})

t.test('says what a code is where something is missing or too much', async t => {
  for (const typed of [
    '',
    '7',
    'orbit-maple',
    '7-orbit',
    '7-orbit-maple-maple',
    '0-orbit-maple',
    '-7-orbit-maple',
    '1000000-orbit-maple',
    '7.a-orbit-maple',
    '1e3-orbit-maple',
    `${'9'.repeat(400)}-orbit-maple`,
    'maple-orbit-7',
    '__proto__',
  ])
    t.equal(read(typed), 'A code is a number and two words, like 7-orbit-maple.', typed)
})
