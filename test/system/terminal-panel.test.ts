/** The call screen in terminals of many sizes and kinds, and what becomes of it when they change in mid-call. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Lab } from '../lab/lab.js'
import { speechPath } from '../speech/speech.js'
import { QUIET, screenCall, show } from './screen-call.js'
import { Terminal } from './terminal.js'

const missing = Terminal.missing()
const skip = missing === null ? false : missing
const lab = new Lab()
t.teardown(() => lab.close())
t.jobs = 2

const HEADING = /^(?:── )?XYZ .*\d\d:\d\d(?: ──)?$/

t.test('is resized in mid-call, without debris and without breaking a line', { skip }, async t => {
  // As most terminals are: full of what was there before.
  const { terminal } = await screenCall(t, lab, {
    before: 'seq 100',
    args: ['--mic', `file:${speechPath('congratulations')}`, '--speaker', 'none'],
  })
  await terminal.until(/Talking with XYZ over the direct route|Talking with XYZ over the relay/)
  for (const [columns, rows] of [
    [120, 30],
    [60, 20],
    [40, 15],
    [20, 6],
    [80, 24],
    [79, 24],
    [40, 15],
    [20, 24],
    [100, 40],
  ] as const) {
    await terminal.resize(columns, rows)
    const width = Math.min(columns - 1, 79)
    // Its first line is as wide as there is room, or the only one.
    await terminal.until(
      rows < 8 ? /^XYZ {2}\d\d:\d\d {2}\S/m : new RegExp(`^(?=.{${width}}$)(?:── )?XYZ .*\\d\\d:\\d\\d`, 'm'),
    )
    const screen = await terminal.screen()
    show(t, `${columns}x${rows}`, screen)
    const at = screen.findIndex(line => HEADING.test(line) || /^XYZ {2}\d\d:\d\d {2}/.test(line))
    const panel = screen.slice(at)
    t.ok(
      panel.every(line => line.length < columns),
      'no line is broken',
    )
    t.notOk(screen.slice(0, at).includes(''), 'and none is empty')
    t.equal(panel.length, rows < 8 ? 1 : 8)
    const all = await terminal.history()
    const history = all.slice(all.findIndex(line => line.startsWith('Connecting to')))
    t.same(
      all.slice(-history.length - 100, -history.length),
      Array.from({ length: 100 }, (_, n) => `${n + 1}`),
    )
    const begin = history.length - panel.length
    t.match(
      history.filter(line => !line.startsWith('Talking with')),
      [
        /^Connecting to ws:/,
        /^Waiting for XYZ/,
        /^XYZ joins with: {2}npx voicechat-peer --id XYZ --to ABC --server ws:\/\/[\w.:]+$/,
        /^XYZ is there/,
        /^Not verified yet: .*: [A-Z2-7]{6}$/,
        rows < 8 ? /^XYZ/ : HEADING,
      ],
      'what was said is whole, and the panel follows it at once',
    )
    t.equal(
      history.slice(0, begin).filter(line => /──|━|┄|\[q\]/.test(line)).length,
      0,
      'nothing is left of older drawings',
    )
  }
})

for (const [columns, rows, waiting, talking] of [
  [40, 15, /^── waiting for XYZ/m, /^ {2}Delay {4}RTT \d+ ms/m],
  [20, 10, /^waiting for XYZ/m, /^(?:direct|relay) .*\d ms/m],
  [20, 6, /^waiting XYZ$/m, /^XYZ {2}\d\d:\d\d {2}/m],
] as const) {
  t.test(`begins in ${columns}x${rows}`, { skip }, async t => {
    const { terminal, modes } = await screenCall(t, lab, { columns, rows, waiting, talking })
    show(t, 'talking', await terminal.screen())
    await terminal.type('m')
    const muted = await terminal.until(/MUTED/)
    show(t, 'muted', muted)
    t.ok(muted.every(line => line.length <= columns))
    await terminal.type('q')
    await terminal.until(/You hung up\.\n\$ ?$/)
    t.notMatch((await terminal.history()).join('\n'), /──|\[q\]|MUTED/)
    t.equal(await terminal.modes(), modes)
  })
}

t.test('rings when the other side comes, draws in colour, and without where that is not wanted', { skip }, async t => {
  const bright = await screenCall(t, lab)
  t.match(bright.terminal.raw(), /\[33mNOT VERIFIED/)
  t.equal(bright.terminal.raw().split('\x07').length, 2, 'one bell')
  const dull = await screenCall(t, lab, { env: { NO_COLOR: '1' } })
  const from = dull.terminal.raw().indexOf('Connecting to')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
  t.notMatch(dull.terminal.raw().slice(from), /\x1b\[[\d;]*m/)
  t.match((await dull.terminal.screen()).join('\n'), /NOT VERIFIED/)
})

t.test('draws with ASCII alone in a locale without more', { skip }, async t => {
  const { terminal } = await screenCall(t, lab, { env: { LC_ALL: 'C' } })
  const screen = await terminal.until(/^-- XYZ -- NOT VERIFIED -+ \d\d:\d\d --$/m)
  show(t, 'ASCII', screen)
  t.match(screen.join('\n'), /^[\n -~]*$/)
})

t.test('sets the volume, talks while the space bar is held, and tells its keys', { skip }, async t => {
  const { terminal } = await screenCall(t, lab, { args: [...QUIET, '--push-to-talk'], waiting: /MUTED/ })
  await terminal.until(/^ {2}You {6}MUTED {2}nothing of the room leaves {2}\[space\] talk$/m)
  await terminal.type(' ')
  await terminal.until(/^ {2}You {6}(?!MUTED)/m)
  await terminal.type(' ')
  await terminal.until(/^ {2}You {6}MUTED/m)
  // As a keyboard repeats it: an odd number of times, which as taps would end unmuted.
  const from = terminal.raw().length
  await terminal.type(' '.repeat(25))
  while (!terminal.raw().slice(from).includes('quiet')) await terminal.screen()
  t.pass('it is open')
  await terminal.until(/^ {2}You {6}MUTED/m)
  await sleep(500)
  t.match((await terminal.screen()).join('\n'), /^ {2}You {6}MUTED/m, 'and muted again, for good')
  await terminal.type('++++-')
  await terminal.until(/^ {2}XYZ .*volume 130 %$/m)
  await terminal.key('F2')
  await terminal.key('Up')
  await terminal.type('?')
  const screen = await terminal.until(/^Keys: m mutes/m)
  show(t, 'help', screen)
  t.match(screen.join('\n'), /^── XYZ ──/m, 'F2 ends in Q, and does not hang up')
})
