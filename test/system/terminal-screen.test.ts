/** voicechat-peer in a real terminal: what a person sees, types, and finds afterwards. */
import t, { type Test } from 'tap'
import type { PeerEvent } from '../lab/event.js'
import { freePort, Lab, type Peer } from '../lab/lab.js'
import { Terminal } from './terminal.js'

const missing = Terminal.missing()
const skip = missing === null ? false : missing
const lab = new Lab()
t.teardown(() => lab.close())
t.jobs = 2

const QUIET = ['--mic', 'none', '--speaker', 'none']
const isState = (state: string) => (event: PeerEvent) => event.event === 'state' && event.state === state

async function open(t: Test, options: Parameters<typeof Terminal.open>[1] = {}): Promise<Terminal> {
  const terminal = await Terminal.open(lab, options)
  t.teardown(() => terminal.close())
  return terminal
}

let servers = 0

/** A terminal in which ABC talks with XYZ, who is another program. */
async function talk(t: Test, columns = 80): Promise<{ terminal: Terminal; other: Peer; modes: string }> {
  // ABC is another program in each test: the server must not remember.
  const server = await lab.server({ stateDir: lab.path(`server-${servers++}`) })
  t.teardown(() => server.stop())
  const terminal = await open(t, { columns })
  const modes = await terminal.modes()
  await terminal.peer(['--id', 'ABC', '--to', 'XYZ', '--server', server.url, ...QUIET])
  await terminal.until(/^waiting XYZ/m)
  const other = lab.peer(['--id', 'XYZ', '--to', 'ABC', '--server', server.url, ...QUIET, '--json'], { name: 'XYZ' })
  await other.event(isState('talking'), 20_000)
  await terminal.until(/^talking \d\d:\d\d.*RTT.*loss/m)
  return { terminal, other, modes }
}

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
  const screen = await terminal.until(/joins with[\s\S]*^waiting XYZ/m)
  t.match(screen.join(''), /XYZ joins with: {2}npx voicechat-peer --id XYZ --to ABC --server ws:/)
  await terminal.type('q')
  await terminal.until(/^You hung up\.\n\$ ?$/m)
})

t.test('shows one calm status line, redrawn in place', { skip }, async t => {
  const { terminal } = await talk(t)
  const before = await terminal.screen()
  const seen: string[][] = []
  const clock = new RegExp(`^talking (?!${before.at(-1)?.slice(8, 13)})`, 'm')
  for (let n = 0; n < 10; n++) seen.push(await terminal.screen())
  seen.push(await terminal.until(clock))
  for (const screen of seen) {
    t.same(screen.slice(0, -1), before.slice(0, -1), 'what stands above does not move')
    t.match(
      screen.at(-1),
      /^talking \d\d:\d\d {2}(?:relay|direct) {2}RTT \d+ ms {2}loss \d+\.\d % {2}\[m\] mute \[q\] hang up \[v\] same code$/,
    )
  }
  const drawing = terminal.raw().slice(terminal.raw().lastIndexOf('Talking with'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
  const codes = drawing.match(/\x1b(\[[0-9;?]*[a-zA-Z])?/g) ?? []
  t.same([...new Set(codes)], ['\x1b[K'], 'nothing but clearing the line')
  const drawn = drawing.split('\r\x1b[K').slice(1)
  t.ok(drawn.length >= 2)
  t.notOk(
    drawn.some((line, n) => line === drawn[n - 1]),
    'nothing is drawn twice',
  )
})

t.test('confirms the code with v', { skip }, async t => {
  const { terminal } = await talk(t)
  await terminal.until(/Not verified yet.*[A-Z2-7]{6}/s)
  await terminal.type('v')
  await terminal.until(/Verified: you compared the code [A-Z2-7]{6} with XYZ/)
  await terminal.until(/^talking .*\[q\] hang up( {2}via [a-z-]+)?$/m)
  t.pass('and says no more how to')
})

t.test('mutes and unmutes with m', { skip }, async t => {
  const { terminal, other } = await talk(t)
  await terminal.type('m')
  await terminal.until(/^talking \d\d:\d\d {2}MUTED {2}(?:relay|direct).*\[m\] unmute/m)
  await terminal.type('m')
  await terminal.until(/^talking \d\d:\d\d {2}(?:relay|direct).*\[m\] mute/m)
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
    t.notMatch(screen.join('\n'), /^talking|\[q\]/m, 'no status line is left behind')
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

t.test('fits into 40 columns', { skip }, async t => {
  const { terminal } = await talk(t, 40)
  await terminal.type('m')
  const screen = await terminal.until(/^talking \d\d:\d\d {2}MUTED/m)
  t.equal(screen.filter(line => line.startsWith('talking')).length, 1)
  await terminal.until(/^talking 00:0[2-9] {2}MUTED {2}(?:relay|direct)/m)
  const later = await terminal.screen()
  t.equal(later.length, screen.length, 'nothing scrolls')
  t.ok((later.at(-1)?.length ?? 99) < 40)
})

t.test('asks for the password without showing it', { skip }, async t => {
  const terminal = await open(t, { env: { VOICECHAT_PORT: `${await freePort()}` } })
  const modes = await terminal.modes()
  await terminal.peer(['--id', 'ABC', '--to', 'XYZ', '--password', ...QUIET])
  await terminal.until(/^Password:/m)
  await terminal.command('open sesame')
  const screen = await terminal.until(/joins with[\s\S]*^waiting XYZ/m)
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
