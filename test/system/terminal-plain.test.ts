/** Where nothing is drawn in place, and what is left of what was. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { Lab } from '../lab/lab.js'
import { QUIET, screenCall, show } from './screen-call.js'
import { Terminal } from './terminal.js'

const missing = Terminal.missing()
const skip = missing === null ? false : missing
const lab = new Lab()
t.teardown(() => lab.close())
t.jobs = 2

t.test('is plain lines with --plain, and where nothing can be drawn in place', { skip }, async t => {
  for (const { args, before } of [
    { args: [...QUIET, '--plain'], before: 'clear' },
    { args: QUIET, before: 'clear; export TERM=dumb' },
  ]) {
    const lines = { waiting: /^Waiting for XYZ/m, talking: /^Talking with XYZ/m }
    const { terminal, modes } = await screenCall(t, lab, { args, before, ...lines })
    await terminal.type('m')
    await terminal.until(/^Your microphone is muted\.$/m)
    await terminal.type(' +v')
    const screen = await terminal.until(/^Verified: you compared the code/m)
    t.match(screen.join('\n'), /^Your microphone is open\.\nVolume 110 %\.$/m)
    await terminal.type('q')
    await terminal.until(/^You hung up\.\n\$ ?$/m)
    show(t, args.at(-1)!, await terminal.history())
    const raw = terminal.raw()
    const said = raw.slice(raw.lastIndexOf('Connecting to'), raw.lastIndexOf('You hung up.'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    t.notMatch(said, /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/, 'no control codes, not even a bell')
    t.equal(await terminal.modes(), modes)
  }
})

t.test('gives the terminal back when it is ended, and when it crashes', { skip }, async t => {
  const crash = join(lab.folder, 'crash.mjs')
  writeFileSync(crash, 'process.on("SIGUSR2", () => { throw new Error("made by a test") })')
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(crash).href}` }
  for (const [signal, said] of [
    ['TERM', /^You hung up\.\n\$ ?$/m],
    ['USR2', /^Something went wrong in the program itself: made by a test[^─]*\n\$ ?$/m],
  ] as const) {
    const { terminal, modes } = await screenCall(t, lab, { env })
    await terminal.signal(signal)
    const screen = await terminal.until(said)
    show(t, signal, screen)
    const raw = terminal.raw()
    t.ok(raw.lastIndexOf('\x1b[?25h') > raw.lastIndexOf('\x1b[?25l'), 'the cursor is shown')
    t.ok(raw.lastIndexOf('\x1b[?7h') > raw.lastIndexOf('\x1b[?7l'), 'lines wrap again')
    t.notMatch((await terminal.history()).join('\n'), /──|\[q\]/)
    t.equal(await terminal.modes(), modes)
  }
})
