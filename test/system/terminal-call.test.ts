/** Calls as a person meets them on the command line: who joins how, what goes wrong with the other side, how it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { only, type PeerEvent } from '../lab/event.js'
import { freePort, Lab, type Peer, type Server } from '../lab/lab.js'

const lab = new Lab()
t.teardown(() => lab.close())
t.jobs = 2

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
const CONTROL_CODE = /[\x00-\x09\x0b-\x1f\x7f\x9b]/
const QUIET = ['--mic', 'none', '--speaker', 'none']
const isState = (state: string) => (event: PeerEvent) => event.event === 'state' && event.state === state
const said = (peer: Peer) => [...peer.strays, peer.stderr].join('\n')

const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`

/** Ids are of the whole server: each test has its own. */
let pairs = 0
function pair(server: Server, { a = [], b = [], both = ['--json'] }: Record<string, string[]> = {}) {
  const n = pairs++
  const side = (id: string, to: string, args: string[]) =>
    lab.peer(['--id', id, '--to', to, '--server', server.url, ...QUIET, ...both, ...args], { name: id })
  return { a: side(`A${n}`, `B${n}`, a), b: side(`B${n}`, `A${n}`, b), names: { a: `A${n}`, b: `B${n}` } }
}

async function talking(...peers: Peer[]): Promise<void> {
  await Promise.all(peers.map(peer => peer.event(isState('talking'), 20_000)))
}

function problemOf(peer: Peer) {
  const { name, message, hint } = only('error', peer.events).at(-1) ?? { name: '', message: '', hint: '' }
  return { name, says: `${message} ${hint}` }
}

t.test('starts a server where there is none, and says how the other joins: that command works', async t => {
  const env = { VOICECHAT_PORT: `${await freePort()}` }
  const a = lab.peer(['--id', 'ABC', '--to', 'XYZ', '--json', ...QUIET], { env, name: 'ABC' })
  await a.says('joins with:')
  t.match(a.stderr, `No server given and none runs here: started one on port ${env.VOICECHAT_PORT}`)
  const [, command = ''] = a.stderr.match(/^XYZ joins with: {2}npx voicechat-peer (.*)$/m) ?? []
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  const lan = addresses.some(({ internal, family }) => !internal && family === 'IPv4')
  t.match(command, new RegExp(`^--id XYZ --to ABC --server ws://[^ ]+:${env.VOICECHAT_PORT}$`))
  if (lan) t.notMatch(command, /localhost|127\./, 'the address of this machine in its network')
  const b = lab.peer([...command.split(' '), '--json', ...QUIET], { name: 'XYZ', cwd: lab.folder })
  await talking(a, b)
  t.notMatch(b.stderr, /joins with/, 'nobody needs to be told who is there already')
  b.send({ do: 'hangup' })
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
  t.same([a.strays, b.strays], [[], []])
})

t.test('uses a server that runs on this machine already', async t => {
  const server = await lab.server()
  const a = lab.peer(['--id', 'ABC', '--to', 'XYZ', '--json', ...QUIET], { env: { VOICECHAT_PORT: `${server.port}` } })
  await a.says('joins with:')
  t.notMatch(a.stderr, 'started one')
  t.match(a.stderr, `--server ws://localhost:${server.port}`, 'it listens on loopback alone, so that is its address')
  a.kill('SIGINT')
  t.equal((await a.exit()).code, 0)
})

t.test('tells a program on the port that is no VoiceChat server', async t => {
  const other = await lab.server()
  const taken = spawn(process.execPath, ['-e', TAKE_A_PORT], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => taken.kill())
  const [port] = await once(taken.stdout, 'data')
  const env = { VOICECHAT_PORT: `${port}`.trim() }
  const peer = lab.peer(['--id', 'ABC', '--to', 'XYZ', ...QUIET], { env })
  t.equal((await peer.exit()).code, 3)
  t.match(
    said(peer),
    `port ${env.VOICECHAT_PORT} of this machine is in use by a program that is no VoiceChat server. End`,
  )
  await other.stop()
})

t.test('prints plain lines without control codes where stdout is no terminal', async t => {
  const server = await lab.server()
  const { a, b, names } = pair(server, { both: [], a: ['--for', '3'] })
  t.same([(await a.exit(20_000)).code, (await b.exit(20_000)).code], [0, 0])
  for (const peer of [a, b]) t.notMatch(said(peer), CONTROL_CODE)
  t.match(said(a), new RegExp(`Talking with ${names.b} over the (relay|direct route)`))
  t.match(said(a), 'You hung up.')
  t.match(said(b), `${names.a} hung up.`)
})

const TAKE_A_PORT = `const server = require('net').createServer(socket => socket.on('error', () => {}).end('garbage\\r\\n\\r\\n'))
server.listen(0, () => console.log(server.address().port))`

t.test('refuses a second program with the same id: ours, and that of someone else', async t => {
  const server = await lab.server()
  const args = ['--id', 'Anna', '--to', 'Ben', '--server', server.url, '--json', ...QUIET]
  const first = lab.peer(args, { home: 'anna' })
  await first.event(isState('waiting'))
  const again = lab.peer(args, { home: 'anna' })
  t.equal((await again.exit(15_000)).code, 4)
  t.match(problemOf(again), { name: 'refused', says: /Anna is online already, in another program.*End that one/ })
  const thief = lab.peer(args, { home: 'thief' })
  t.equal((await thief.exit(15_000)).code, 4)
  t.match(problemOf(thief), { name: 'refused', says: /Anna belongs to someone else here.*Choose another/ })
  t.ok(first.running, 'the first one goes on waiting')
})

t.test('tells both when their routes contradict', async t => {
  const server = await lab.server()
  const { a, b } = pair(server, { a: ['--route', 'relay'], b: ['--route', 'direct'] })
  t.same([(await a.exit(30_000)).code, (await b.exit(30_000)).code], [9, 9])
  for (const peer of [a, b]) t.match(problemOf(peer), { name: 'noRoute', says: /no way to .*--route/ })
})

const alone = Object.values(networkInterfaces())
  .flat()
  .every(address => address?.internal)
const noNetwork = alone && 'this machine has no network but its own loopback, which is no way to another'

for (const engine of ['native', 'werift'])
  t.test(
    `talks directly and never over the relay where one side wants that, by ${engine}`,
    { skip: noNetwork },
    async t => {
      const server = await lab.server()
      const { a, b } = pair(server, {
        both: ['--json', '--webrtc', engine],
        a: ['--for', '3'],
        b: ['--route', 'direct'],
      })
      t.same([(await a.exit(30_000)).code, (await b.exit(30_000)).code], [0, 0])
      for (const peer of [a, b]) {
        const routes = peer.events.flatMap(event => (event.event === 'state' ? [event.route] : []))
        t.ok(routes.includes('direct'))
        t.notOk(routes.includes('relay'))
        const last = peer.events.filter(event => event.event === 'stats').at(-1)
        t.match(last, { route: 'direct', path: { local: /^(host|reflexive)$/ }, routes: { direct: { rttMs: Number } } })
      }
    },
  )

t.test('says with --verbose why another engine than the native one makes the direct route', async t => {
  const server = await lab.server()
  const hooks = `export const resolve = (name, context, next) => {
    if (name === 'node-datachannel') throw new Error('no binary for this machine')
    return next(name, context)
  }`
  const code = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))})`
  const start = (id: string, ...args: string[]) =>
    lab.peer(['--id', id, '--to', 'Nobody', '--server', server.url, ...QUIET, '--json', '--wait', '1', ...args], {
      nodeArgs: ['--import', dataUrl(code)],
    })
  const [verbose, quiet] = [start('Verbose', '--verbose'), start('Quiet')]
  t.same([(await verbose.exit()).code, (await quiet.exit()).code], [8, 8])
  t.match(verbose.stderr, /^The direct route is made by werift: the native .* here \(no binary for this machine\)\.$/m)
  t.notMatch(quiet.stderr, 'engine')
})

t.test('says which password went wrong, and what to do', async t => {
  const server = await lab.server()
  writeFileSync(lab.path('right'), 'correct horse\n')
  writeFileSync(lab.path('wrong'), 'correct horses\n')
  const file = (name: string) => ['--password-file', lab.path(name)]
  const { a, b } = pair(server, { a: file('right'), b: file('wrong') })
  t.same([(await a.exit(20_000)).code, (await b.exit(20_000)).code], [5, 5])
  for (const peer of [a, b]) {
    t.match(problemOf(peer), { name: 'unverified', says: /password/i })
    t.notMatch(said(peer) + JSON.stringify(peer.events), /horse/)
  }
})

t.test('takes commands on stdin, and survives bad ones and its end', async t => {
  const server = await lab.server()
  const { a, b } = pair(server)
  await talking(a, b)
  for (const line of ['not JSON', '{"do":"sing"}', '{"do":"mute","now":true}', '[]', 'null', '']) a.type(`${line}\n`)
  a.send({ do: 'mute' })
  a.send({ do: 'unmute' })
  a.send({ do: 'confirm' })
  const verified = await a.event(event => event.event === 'verify' && event.verified)
  t.match(verified, { how: 'code', code: /^[A-Z2-7]{6}$/ })
  const errors = only('error', a.events)
  t.same(
    errors.map(({ name }) => name),
    Array(5).fill('badCommand'),
  )
  for (const { message } of errors) t.match(message, /\{"do":"mute"\}/)
  a.endInput()
  const from = a.events.length
  await a.event(event => event.event === 'stats', 5000, from)
  await a.event(event => event.event === 'stats', 5000, a.events.length)
  t.ok(a.running, 'stdin ended, the call did not')
  b.send({ do: 'hangup' })
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
})

t.test('hangs up on SIGINT and on SIGTERM, and on the second at the latest', async t => {
  const server = await lab.server()
  const { a, b } = pair(server)
  await talking(a, b)
  a.kill('SIGINT')
  a.kill('SIGINT')
  t.same(await a.exit(3000), { code: 0, signal: null })
  t.same(await b.exit(3000), { code: 0, signal: null })
  const waiting = pair(server).a
  await waiting.event(isState('waiting'))
  waiting.kill('SIGTERM')
  t.same(await waiting.exit(3000), { code: 0, signal: null })
})

t.test('ends quietly when nobody reads its output any more', async t => {
  const server = await lab.server()
  const main = fileURLToPath(new URL('../../program/peer.js', import.meta.url))
  const args = ['--id', 'Head', '--to', 'Tail', '--server', server.url, ...QUIET, '--json']
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, XDG_CONFIG_HOME: lab.path('head'), HOME: lab.path('head') },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', text => {
    stderr += text
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const tail = lab.peer(['--id', 'Tail', '--to', 'Head', '--server', server.url, ...QUIET, '--json'])
  const [code, signal] = await once(child, 'exit')
  t.same([code, signal], [0, null])
  t.notMatch(stderr, /EPIPE|^\s+at /m)
  tail.kill()
})

t.test('gives up when nobody comes within --wait', async t => {
  const server = await lab.server()
  const peer = lab.peer(['--id', 'Lone', '--to', 'Ly', '--server', server.url, ...QUIET, '--json', '--wait', '1'])
  t.equal((await peer.exit()).code, 8)
  t.match(problemOf(peer), { name: 'nobodyCame', says: /Ly did not come\. .*Lone.*--wait/ })
})
