/** voicechat-peer in a real terminal: what a person sees, types, and finds afterwards. */
import t, { type Test } from 'tap'
import { freePort, Lab } from '../lab/lab.js'
import { matchAll } from '../peer/match-all.js'
import { QUIET, screenCall } from './screen-call.js'
import { Terminal } from './terminal.js'

const missing = Terminal.missing()
const skip = missing === null ? false : missing
const lab = new Lab()
t.teardown(() => lab.close())
t.jobs = 2

async function open(t: Test, options: Parameters<typeof Terminal.open>[1] = {}): Promise<Terminal> {
  const terminal = await Terminal.open(lab, options)
  t.teardown(() => terminal.close())
  return terminal
}

const talk = (t: Test) => screenCall(t, lab)

t.test('asks who you are and whom you want, as long as it takes', { skip }, async t => {
  const terminal = await open(t, { env: { VOICECHAT_PORT: `${await freePort()}` } })
  await terminal.peer(QUIET)
  await terminal.until(/^Your id:/m)
  await terminal.key('Enter')
  await terminal.command('A B')
  await terminal.until(/"A B" is not an id/)
  await terminal.command('ABC')
  await terminal.until(/^The recipient's id:/m)
  await terminal.command('XYZ')
  const screen = await terminal.until(/joins with[\s\S]*^── waiting for XYZ/m)
  t.match(screen.join(''), /XYZ joins with: {2}npx voicechat-peer --id XYZ --to ABC --server ws:/)
  await terminal.type('q')
  await terminal.until(/^You hung up\.\n\$ ?$/m)
})

t.test('draws its lines in place, and of them what changed', { skip }, async t => {
  const { terminal } = await talk(t)
  const heading = /^── XYZ ── NOT VERIFIED ─+ (\d\d:\d\d) ──$/
  const at = (screen: readonly string[]) => screen.findIndex(line => heading.test(line))
  const before = await terminal.until(/concealed/)
  const from = terminal.raw().length
  const seen: string[][] = []
  const clock = new RegExp(`─ (?!${before[at(before)]?.match(heading)?.[1]})\\d\\d:\\d\\d ──$`, 'm')
  for (let n = 0; n < 10; n++) seen.push(await terminal.screen())
  seen.push(await terminal.until(clock))
  for (const screen of seen) {
    t.equal(at(screen), at(before), 'it stays where it is')
    t.same(screen.slice(0, at(before)), before.slice(0, at(before)), 'and so does what stands above')
    matchAll(t, screen.slice(at(screen)), [
      heading,
      /^ {2}Code {5}[A-Z2-7]{6} {2}The same on both sides\? Press \[v\]$/,
      /^ {2}You {6}(?:NO SOUND|┄)/,
      /^ {2}XYZ {6}\S+ +quiet {2}volume 100 %$/,
      /^ {2}Route {4}(?:relay, over the server|direct)/,
      /^ {2}Delay {4}\d+ ms round trip, buffer \d+ ms, jitter \d+ ms$/,
      /^ {2}Quality {2}\S/,
      /^ {2}\[m\] mute {2}\[space\] push to talk {2}\[\+\]\[-\] volume {2}\[v\] codes match {2}\[q\] hang up$/,
    ])
  }
  const drawn = terminal.raw().slice(from)
  t.notMatch(drawn, /\n|\[J/, 'nothing is drawn from the start')
  t.ok(drawn.length > 0)
  t.comment(`${drawn.length} bytes in about a second`)
})

t.test('confirms the code with v', { skip }, async t => {
  const { terminal } = await talk(t)
  await terminal.until(/Not verified yet.*[A-Z2-7]{6}/s)
  await terminal.type('v')
  await terminal.until(/Verified: you compared the code [A-Z2-7]{6} with XYZ/)
  await terminal.until(/^── XYZ ── verified by code ─[\s\S]*\[\+\]\[-\] volume {2}\[q\] hang up$/m)
  t.pass('and says no more how to')
})

t.test('mutes and unmutes with m', { skip }, async t => {
  const { terminal, other } = await talk(t)
  await terminal.type('m')
  await terminal.until(/^ {2}You {6}MUTED[\s\S]*\[m\] unmute/m)
  await terminal.type('m')
  await terminal.until(/^ {2}You {6}(?!MUTED)[\s\S]*\[m\] mute/m)
  t.ok(other.running)
})

for (const [key, name] of [
  ['q', 'q'],
  ['C-c', 'Ctrl-C'],
] as const) {
  t.test(`hangs up with ${name} and gives the terminal back as it was`, { skip }, async t => {
    const { terminal, other, modes } = await talk(t)
    await terminal.key(key)
    const screen = await terminal.until(/^You hung up\.\n\$ ?$/m)
    t.notMatch((await terminal.history()).join('\n'), /──|\[q\]/, 'nothing of the panel is left behind')
    t.ok(screen.length > 0)
    t.equal((await other.exit()).code, 0)
    await terminal.command('echo code $?')
    await terminal.until(/^code 0$/m)
    t.equal(await terminal.modes(), modes)
  })
}

t.test('says it when the other side hangs up', { skip }, async t => {
  const { terminal, other, modes } = await talk(t)
  other.send({ do: 'hangup' })
  await terminal.until(/^XYZ hung up\.\n\$ ?$/m)
  t.equal(await terminal.modes(), modes)
})

t.test('asks for the password without showing it', { skip }, async t => {
  const terminal = await open(t, { env: { VOICECHAT_PORT: `${await freePort()}` } })
  const modes = await terminal.modes()
  await terminal.peer(['--id', 'ABC', '--to', 'XYZ', '--password', ...QUIET])
  await terminal.until(/^Password:/m)
  await terminal.command('open sesame')
  const screen = await terminal.until(/joins with[\s\S]*^── waiting for XYZ/m)
  t.match(screen.join(''), /--password/, 'the other is told to use one too')
  t.notMatch(terminal.raw(), /s.?e.?s.?a.?m.?e/)
  await terminal.key('C-c')
  await terminal.until(/^You hung up\.\n\$ ?$/m)
  t.equal(await terminal.modes(), modes)
})

t.test('can be left at every question', { skip }, async t => {
  const terminal = await open(t)
  const modes = await terminal.modes()
  for (const [args, question, key] of [
    [QUIET, /^Your id:/m, 'C-c'],
    [QUIET, /^Your id:/m, 'C-d'],
    [['--id', 'ABC', '--to', 'XYZ', '--password', ...QUIET], /^Password:/m, 'C-c'],
  ] as const) {
    await terminal.peer(args)
    await terminal.until(question)
    await terminal.key(key)
    await terminal.until(/Nothing was started\.\n\$ ?$/m)
    t.equal(await terminal.modes(), modes)
  }
})

t.test('explains a mistake in a terminal as elsewhere', { skip }, async t => {
  const terminal = await open(t)
  await terminal.peer(['--id', 'ABC', '--to', 'abc', ...QUIET])
  const screen = await terminal.until(/call yourself[\s\S]*\$ ?$/m)
  t.notMatch(screen.join('\n'), /^\s+at /m)
})
