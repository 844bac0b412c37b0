/** A private server with real programs: strangers stay out, the invited and the listed talk, and who is taken out has to go. */
import { appendFileSync, chownSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { memberFile } from '../../signaling/member-file.js'
import { only } from '../lab/event.js'
import { Lab, type Peer } from '../lab/lab.js'

const lab = new Lab()
t.teardown(() => lab.close())

const QUIET = ['--mic', 'none', '--speaker', 'none', '--route', 'relay', '--json']
const stateDir = lab.path('state')
const friends = lab.path('friends')
const serverProgram = fileURLToPath(new URL('../../signaling/main.js', import.meta.url))

/** What a command of the server prints on stdout, and its exit code. */
async function command(...args: string[]): Promise<{ lines: readonly string[]; code: number | null }> {
  const program = lab.program(serverProgram, [...args, '--state-dir', stateDir], { name: args.join(' ') })
  const { code } = await program.exited
  return { lines: program.strays, code }
}

/** The arguments of a printed `npx voicechat-peer ...`. */
function argsOf(line = '', whom = ''): string[] {
  const [npx, name, ...args] = line.split(' ')
  if (npx !== 'npx' || name !== 'voicechat-peer') throw new Error(`no command: ${line}`)
  return args.map(arg => (arg === 'WHOM-THEY-CALL' ? whom : arg))
}

function peer(home: string, args: readonly string[]): Peer {
  return lab.peer([...args, ...QUIET], { home, name: `${home} ${args.join(' ')}` })
}

/** Why it was refused. */
async function refusal(t: Test, refused: Peer): Promise<string> {
  t.equal((await refused.exit(20_000)).code, 4)
  return only('error', refused.events).at(-1)?.message ?? ''
}

const state = (wanted: string) => (event: { event: string; state?: string }) =>
  event.event === 'state' && event.state === wanted

t.test('invites, lists, lets talk, takes out', { timeout: 120_000 }, async t => {
  writeFileSync(friends, '# nobody yet\n')
  const server = await lab.server({ stateDir, args: ['--private', '--access-file', friends, '--log-ids'] })
  const url = ['--public-url', server.url]

  const stranger = await refusal(t, peer('xyz', ['--server', server.url, '--id', 'XYZ', '--to', 'ABC']))
  const [, key] = /This server is private\. .*your key is (\S{43})$/.exec(stranger) ?? []
  if (!key) throw new Error(`it tells no key: ${stranger}`)

  const { lines, code } = await command('invite', '--id', 'ABC', ...url)
  t.equal(code, 0)
  const [token = '', line] = lines
  const invited = argsOf(line, 'XYZ')
  t.ok(invited.includes(token))
  const abc = peer('abc', invited)
  await abc.event(state('waiting'), 20_000)
  t.match(await refusal(t, peer('thief', invited)), /Somebody else has used this invitation already/)

  appendFileSync(friends, `${key} XYZ  # from the meeting\n`)
  await server.event(({ msg }) => msg === 'access file read again')
  const xyz = peer('xyz', ['--server', server.url, '--id', 'XYZ', '--to', 'ABC'])
  await Promise.all([abc, xyz].map(each => each.event(state('talking'), 20_000)))

  const members = await command('members')
  t.equal(members.lines.length, 1)
  t.match(members.lines[0], /^[\w-]{43} {2}\d{4}-\d\d-\d\d {2}ABC$/)
  t.match(await command('members', 'remove', 'abc'), { code: 0, lines: [/^Removed \S{43} \(ABC\)\.$/] })
  await server.event(({ msg, id, why }) => msg === 'offline' && id === 'ABC' && why === 'notAllowed')
  t.match(await command('members'), { code: 0, lines: [] })
  t.match(await refusal(t, peer('abc', invited)), /withdrawn your invitation/)
  t.equal((await xyz.exit(60_000)).code, 6, 'for the other side it vanished')
  t.not((await abc.exit(60_000)).code, 0)

  writeFileSync(friends, `${key} XYZ\nBenny\n`)
  server.kill('SIGHUP')
  const warning = await server.event(({ level, msg }) => level === 40 && msg !== 'refused')
  t.match(warning.msg, /Line 2 begins with no key\. .* The list from before it stays in force\./)
  const again = peer('xyz', ['--server', server.url, '--id', 'XYZ', '--to', 'ABC'])
  await again.event(state('waiting'), 20_000)
  writeFileSync(friends, '')
  server.kill('SIGHUP')
  t.match(await refusal(t, again), /You may not use this server any more/)
  t.equal((await server.stop()).code, 0)
})

t.test('remembers its members over a crash', async t => {
  const first = await lab.server({ stateDir, args: ['--private'] })
  const [token, line] = (await command('invite', '--public-url', first.url)).lines
  const args = argsOf(line, 'XYZ').map(arg => (arg === 'THEIR-ID' ? 'BCD' : arg))
  await peer('bcd', args).event(state('waiting'), 20_000)
  first.kill('SIGKILL')
  await first.exited
  const second = await lab.server({ stateDir, port: first.port, args: ['--private', '--log-ids'] })
  t.match(await refusal(t, peer('thief', args)), /Somebody else has used/)
  await second.event(({ msg, id }) => msg === 'online' && id === 'BCD', 20_000)
  t.match((await command('members')).lines, [/ any id: bcd$/])
  const without = args.filter(arg => arg !== '--invitation' && arg !== token)
  t.notOk(without.includes('--invitation'))
  await second.stop()
})

t.test('a member tries it alone, under its own name', { timeout: 90_000 }, async t => {
  const server = await lab.server({ stateDir, args: ['--private', '--echo'] })
  await server.event(({ msg }) => msg === 'echo ready', 20_000)
  const [, line] = (await command('invite', '--id', 'DEF', '--public-url', server.url)).lines
  const first = peer('def', argsOf(line, 'XYZ'))
  await first.event(state('waiting'), 20_000)
  await first.stop()
  const there = ['--server', server.url, '--route', 'relay', '--json']
  const alone = ['--test-call', '--for', '4', '--mic', 'tone', '--speaker', 'none', ...there]
  const test = lab.peer([...alone, '--id', 'DEF'], { home: 'def', name: 'test call' })
  t.equal((await test.exit(30_000)).code, 0, `heard back\n${test.describe()}`)
  t.match(await refusal(t, lab.peer(alone, { home: 'def', name: 'without its id' })), /Your key is for the id DEF/)
  t.match(await refusal(t, lab.peer(alone, { home: 'stranger', name: 'stranger' })), /This server is private/)
  const doctor = (home: string) =>
    lab.peer(['doctor', '--id', 'DEF', '--mic', 'none', '--speaker', 'none', ...there], { home, name: 'doctor' })
  const isServer = (event: { event: string; name?: string }) => event.event === 'check' && event.name === 'server'
  t.match(await doctor('def').event(isServer, 30_000), { verdict: 'ok' })
  t.match(await doctor('stranger').event(isServer, 30_000), { verdict: 'fault', seen: /This server is private/ })
  await server.stop()
})

t.test('what root does is for the user of the server', { skip: process.geteuid?.() !== 0 && 'needs root' }, async t => {
  chownSync(stateDir, 12345, 12346)
  const kept = JSON.stringify(memberFile(stateDir).read())
  rmSync(`${stateDir}/invite-key.json`)
  t.equal((await command('invite', '--public-url', 'wss://voice.test')).code, 0)
  t.equal((await command('members', 'remove', 'BCD')).code, 0)
  t.not(JSON.stringify(memberFile(stateDir).read()), kept)
  for (const name of ['invite-key.json', 'members.json'])
    t.match(statSync(`${stateDir}/${name}`), { uid: 12345, gid: 12346 }, name)
})

t.test('a damaged file of members starts no server', async t => {
  writeFileSync(`${stateDir}/members.json`, '{"version":1,"members":[{"key":')
  await t.rejects(lab.server({ stateDir, args: ['--private'] }), /members\.json is damaged: .* Put back a copy/)
})
