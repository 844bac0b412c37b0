import t from 'tap'
import { PLAIN, parseScreen } from './sgr.js'

const runs = (...lines: string[]) =>
  parseScreen(lines).map(row => row.map(({ column, text, style }) => [column, text, style] as const))

t.test('gives colours and styles to what stands behind them, over the end of the line too', async t => {
  t.same(runs('plain \x1b[1;31mred\x1b[22m thin', 'still\x1b[m not'), [
    [
      [0, 'plain ', PLAIN],
      [6, 'red', { ...PLAIN, bold: true, fg: '#ff7b72' }],
      [9, ' thin', { ...PLAIN, fg: '#ff7b72' }],
    ],
    [
      [0, 'still', { ...PLAIN, fg: '#ff7b72' }],
      [5, ' not', PLAIN],
    ],
  ])
})

t.test('knows named, numbered and free colours', async t => {
  const colours = (codes: string) => {
    const [, , { fg, bg }] = runs(`\x1b[${codes}mx`)[0]![0]!
    return [fg, bg]
  }
  t.same(colours('97;42'), ['#f0f6fc', '#3fb950'])
  t.same(colours('38;5;196'), ['#ff0000', null])
  t.same(colours('48;5;244'), [null, '#808080'])
  t.same(colours('38;5;2'), ['#3fb950', null])
  t.same(colours('38;2;1;2;255;48;2;0;0;0'), ['#0102ff', '#000000'])
  t.same(colours('31;39'), [null, null])
})

t.test('counts columns by characters, and leaves out what is not to be seen', async t => {
  t.same(
    runs('\x1b]8;;http://x\x1b\\▁▂█\x1b]8;;\x1b\\\x1b[2mdim\x0f')[0]!.map(([column, text]) => [column, text]),
    [
      [0, '▁▂█'],
      [3, 'dim'],
    ],
  )
})
