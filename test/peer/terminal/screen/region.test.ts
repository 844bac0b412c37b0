import fc from 'fast-check'
import t from 'tap'
import { type Line, type Style, span } from '../../../../peer/terminal/screen/line.js'
import { Region } from '../../../../peer/terminal/screen/region.js'
import { Emulator } from './emulator.js'

const plain = (...lines: string[]): Line[] => lines.map(line => [span(line)])

function region(columns = 40, rows = 12, colour = false) {
  const emulator = new Emulator(columns, rows)
  let writes = 0
  const it = new Region(
    text => {
      writes++
      emulator.write(text)
    },
    colour,
    true,
  )
  return { it, emulator, writes: () => writes }
}

t.test('draws lines in place, below what was said', async t => {
  const { it, emulator } = region()
  it.above('first\n')
  it.show(plain('one', 'two'))
  it.above('second\nthird\n')
  t.same(await emulator.all(), ['first', 'second', 'third', 'one', 'two'])
  it.show(plain('one', 'twelve'))
  t.same(await emulator.all(), ['first', 'second', 'third', 'one', 'twelve'])
  it.show(plain('1', 'twelve', '3'))
  t.same(await emulator.all(), ['first', 'second', 'third', '1', 'twelve', '3'])
  it.show(plain('1'))
  t.same(await emulator.all(), ['first', 'second', 'third', '1'])
  it.clear()
  it.above('fourth\n')
  t.same(await emulator.all(), ['first', 'second', 'third', 'fourth'])
})

t.test('writes only what changed, and nothing if nothing did', async t => {
  const { it, emulator, writes } = region()
  it.show(plain('a line that stays', 'level -10 dB', 'another'))
  const [before, written] = [writes(), emulator.raw.length]
  it.show(plain('a line that stays', 'level -10 dB', 'another'))
  t.equal(writes(), before)
  it.show(plain('a line that stays', 'level -12 dB', 'another'))
  t.equal(writes(), before + 1)
  t.equal(emulator.raw.slice(written), '\x1b7\x1b[?7l\x1b[1B\r\x1b[8C2\x1b[?7h\x1b8')
  t.same(await emulator.screen(), ['a line that stays', 'level -12 dB', 'another'])
})

t.test('hides the cursor while it draws, and shows it afterwards', async t => {
  const { it, emulator } = region()
  it.clear()
  t.equal(emulator.raw, '', 'nothing was there')
  it.show(plain('x'))
  it.show(plain('x', 'y'))
  it.clear()
  it.clear()
  t.same(emulator.raw.match(/\[\?25[lh]/g), ['[?25l', '[?25h'])
  it.show(plain('x'))
  it.show([])
  t.ok(emulator.raw.endsWith('\x1b[?25h'), 'no lines are as good as none')
})

t.test('writes styles only where there is colour', async t => {
  const lines: Line[] = [[span('You ', 'dim'), span('====', 'good'), span('=', 'bad'), span(' -10 dB')]]
  const dull = region()
  dull.it.show(lines)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
  t.notMatch(dull.emulator.raw, /\x1b\[[\d;]*m/)
  const bright = region(40, 12, true)
  bright.it.show(lines)
  t.match(bright.emulator.raw, '\x1b[2mYou \x1b[0;32m====\x1b[0;31m=\x1b[m -10 dB')
  bright.it.show([[span('You ', 'dim'), span('====', 'good'), span('=', 'good'), span(' -10 dB')]])
  t.ok(bright.emulator.raw.endsWith('\r\x1b[8C\x1b[32m=\x1b[m\x1b[?7h\x1b8'), 'a new colour alone is drawn too')
  t.same(await bright.emulator.screen(), ['You ===== -10 dB'])
})

t.test('leaves no debris when the terminal is resized, and takes nothing of what was said', async t => {
  const { it, emulator } = region(60, 12)
  const said = Array.from({ length: 20 }, (_, i) => `${i}: said`)
  for (const line of said) it.above(`${line}\n`)
  it.show(plain('='.repeat(59), 'b'.repeat(50), 'c'))
  for (const [columns, rows] of [
    [30, 12],
    [30, 5],
    [80, 5],
    [80, 30],
    [79, 30],
    [60, 30],
    [60, 8],
  ] as const) {
    await emulator.resize(columns, rows)
    const lines = ['='.repeat(columns - 1), 'b'.repeat(columns - 10), 'c']
    it.redraw(plain(...lines), columns)
    t.same((await emulator.all()).slice(-23), [...said, ...lines], `${columns}x${rows}`)
  }
})

t.test('a drawing that comes after the terminal became narrower breaks no line', async t => {
  const { it, emulator } = region(60, 12)
  it.above('said\n')
  it.show(plain('='.repeat(59), 'b'.repeat(50), 'c'))
  await emulator.resize(30, 12)
  it.show(plain('='.repeat(59), 'x'.repeat(50), 'd'))
  it.redraw(plain('='.repeat(29), 'x', 'e'), 30)
  t.same(await emulator.all(), ['said', '='.repeat(29), 'x', 'e'])
})

t.test('keeps long lines whole, wide characters included, however often the panel is drawn', async t => {
  const { it, emulator } = region(30, 10)
  const long = `npx voicechat-peer --id XYZ --to ABC --server ws://192.0.2.1:9001 --password`
  it.show(plain('one', 'two'))
  it.above(`${long}\n`)
  it.above('the server says 漢字漢字漢字漢字漢字漢字漢字漢字 👋 é and more\n')
  it.show(plain('1', '2'))
  t.same(await emulator.copied(), [long, 'the server says 漢字漢字漢字漢字漢字漢字漢字漢字 👋 é and more', '1', '2'])
})

t.test('is always what was shown last, whatever was drawn and said before', async () => {
  const style = fc.constantFrom<Style>('plain', 'dim', 'bold', 'good', 'warn', 'bad', 'badge')
  const line = fc.array(fc.tuple(fc.stringMatching(/^[a-z━─]{1,6}$/), style), { minLength: 1, maxLength: 4 })
  const show = fc.array(line, { minLength: 1, maxLength: 6 }).map(lines => ({ lines }))
  const say = fc.stringMatching(/^[A-Z]{1,60}$/).map(said => ({ said }))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(show, say), { maxLength: 30 }), fc.boolean(), async (steps, colour) => {
      const { it, emulator } = region(40, 10, colour)
      const said: string[] = []
      let shown: string[] = []
      for (const step of steps) {
        if ('said' in step) {
          said.push(step.said)
          it.above(`${step.said}\n`)
        } else {
          const lines = step.lines.map(line => line.map(([text, style]) => span(text, style)))
          shown = lines.map(line => line.map(({ text }) => text).join(''))
          it.show(lines)
        }
      }
      const expected = [...said, ...shown]
      const found = await emulator.copied()
      if (JSON.stringify(found) !== JSON.stringify(expected))
        throw new Error(`${found.join('\n')}\n--- not\n${expected.join('\n')}`)
    }),
    { numRuns: 100 },
  )
})
