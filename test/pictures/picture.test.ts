import t from 'tap'
import { replaced } from './film.js'
import { drawPicture, type Frame } from './picture.js'
import { parseScreen } from './sgr.js'

const frame = (lines: string[], ms = 1_000): Frame => ({ rows: parseScreen(lines), cursor: null, ms })
const draw = (frames: Frame[], still = 0) => drawPicture(frames, { columns: 10, rows: 2, title: 'A & B', still })
/** The texts of a picture, by the class of the group that they are in; '' for those that are always there. */
function textsIn(svg: string): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const line of svg.split('\n').filter(line => line.includes('textLength'))) {
    const name = /^<g class="(.*?)">/.exec(line)?.[1] ?? ''
    found[name] = [...(found[name] ?? []), ...[...line.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text]) => text!)]
  }
  return found
}

t.test('draws a still without anything that moves', async t => {
  const svg = draw([frame(['one  two', '<three>'])])
  t.same(textsIn(svg), { '': ['one', 'two', '&lt;three&gt;'] })
  t.notMatch(svg, /@keyframes/)
  t.match(svg, '<title>A &amp; B</title>')
})

t.test('shows each text from its first frame to its last, and the chosen frame where nothing moves', async t => {
  const svg = draw([frame(['same', 'a']), frame(['same', 'b'], 3_000), frame(['same', 'b'])], 1)
  t.same(textsIn(svg), { '': ['same'], 's0-1': ['a'], 's1-3': ['b'] })
  t.match(svg, /@keyframes s0-1\{0%\{visibility:visible\}20%,100%\{visibility:hidden\}\}/)
  t.match(svg, /@keyframes s1-3\{0%\{visibility:hidden\}20%\{visibility:visible\}100%\{visibility:visible\}\}/)
  t.match(svg, '.s0-1{visibility:hidden}\n.s1-3{visibility:visible}')
  t.match(svg, '.s0-1{animation:s0-1 5s step-end infinite}')
})

t.test('puts columns where they belong, whatever the font', async t => {
  t.match(
    draw([frame(['ab  \x1b[31mcd'])]),
    /<text x="33.6" y="14" textLength="16.8" .*style="fill:#ff7b72">cd<\/text>/,
  )
})

t.test('draws blocks as boxes, and grounds behind the text', async t => {
  const svg = draw([frame(['▂█\x1b[7mx'])])
  t.match(svg, '<rect x="0" y="14.25" width="8.4" height="4.75" fill="#d1d7de"/>')
  t.match(svg, '<rect x="8.4" y="0" width="8.4" height="19" fill="#d1d7de"/>')
  t.match(svg, '<rect x="16.8" y="0" width="8.4" height="19" fill="#d1d7de"/><text')
  t.notMatch(svg, /[▂█]/)
})

t.test('replaces what tells of the machine without moving what stands behind', async t => {
  t.equal(replaced('at port 34567   | x', ['34567', '9001']), 'at port 9001    | x')
  t.equal(
    replaced('at ws://10.0.0.1:34567  | x', [/ws:\S+/, 'ws://192.168.1.23:9001']),
    'at ws://192.168.1.23:9001  | x',
  )
  t.equal(replaced('nothing', ['34567', '9001']), 'nothing')
})
