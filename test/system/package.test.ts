/** What npm would publish, installed into an empty folder: both commands, a call, and the three entries with their types. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { freePort, Lab } from '../lab/lab.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const lab = new Lab()
t.teardown(() => lab.close())
const folder = lab.path('installed')
const installed = (path: string) => join(folder, 'node_modules/voicechat', path)

/** Uses each entry as a program would; `skipLibCheck` is off, so our declarations are checked as well. */
const USER = `
import { DEFAULT_PORT, type FromServer, Handshake } from 'voicechat/protocol'
import { type RunningServer, startServer } from 'voicechat/signaling'
import { type CallView, createWorkerAudio, dialWebSocket, InProcessAudio, loadOpus, NodeClock, Peer, type PeerParts } from 'voicechat/peer'

const server: RunningServer = await startServer({ port: 0, host: '127.0.0.1' })
const parts: Pick<PeerParts, 'clock' | 'password' | 'dial'> = {
  clock: new NodeClock(),
  password: null,
  dial: () => dialWebSocket('ws://127.0.0.1:' + server.port),
}
const message: FromServer = { type: 'pong', n: 1 }
const calm = (view: CallView): boolean => view.state === 'talking' && !view.silent
const encoder = (await loadOpus()).createEncoder()
console.log(JSON.stringify([
  DEFAULT_PORT, server.port > 0, message.n, typeof parts.clock.now(), typeof calm, typeof encoder.encode,
  ...[Handshake, Peer, InProcessAudio, createWorkerAudio].map(value => typeof value),
]))
await server.close()
`

let packed: string[] = []

t.before(async () => {
  // The build is there already: this test is part of it.
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', lab.folder]
  const { stdout } = await run('npm', pack, { cwd: root, maxBuffer: 1 << 24 })
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }]
  packed = files.map(({ path }) => path)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', lab.path(filename)]
  const { stderr } = await run('npm', install, { cwd: folder })
  writeFileSync(lab.path('warnings'), stderr)
})

t.test('holds the programs, their types, the licence and the papers, and nothing else', async t => {
  const manuals = ['peer/terminal/voicechat-peer.1', 'signaling/voicechat-server.1']
  const papers = [
    'LICENSE',
    'dist/program/LICENCES.txt',
    'README.md',
    'package.json',
    'protocol/PROTOCOL.md',
    ...manuals,
  ]
  for (const paper of papers) t.ok(packed.includes(paper), paper)
  const pages = /^(peer|signaling)\/troubles\/[\w-]+\.md$/
  t.ok(packed.some(path => pages.test(path)))
  const deploying = /^signaling\/deploy\/[\w.-]+$/
  t.ok(packed.includes('signaling/deploy/README.md'))
  const built = /^dist\/(protocol|signaling|peer|program)\/.*\.(js|d\.ts|js\.map)$/
  t.same(
    packed.filter(path => !papers.includes(path) && !built.test(path) && !pages.test(path) && !deploying.test(path)),
    [],
  )
  t.notOk(packed.some(path => /test|demo/.test(path)))
})

t.test('gives both commands', async t => {
  const { version } = createRequire(import.meta.url)(installed('package.json')) as { version: string }
  for (const name of ['voicechat-peer', 'voicechat-server']) {
    const command = join(folder, 'node_modules/.bin', name)
    t.equal((await run(command, ['--version'], { cwd: folder })).stdout.trim(), version)
    t.match((await run(command, ['--help'], { cwd: folder })).stdout, `Usage: ${name}`)
  }
})

t.test('makes a call that is heard', async t => {
  const env = { VOICECHAT_PORT: `${await freePort()}`, VOICECHAT_SERVER: undefined }
  const main = installed('dist/program/peer.js')
  const side = (id: string, to: string, mic: string) =>
    lab.program(main, ['--id', id, '--to', to, '--mic', mic, '--speaker', 'none', '--json'], {
      name: id,
      cwd: folder,
      env: { ...env, XDG_CONFIG_HOME: lab.path(id), HOME: lab.path(id), APPDATA: lab.path(id) },
    })
  const a = side('ABC', 'XYZ', 'tone')
  await a.says('XYZ joins with:')
  const b = side('XYZ', 'ABC', 'none')
  await b.event(event => event.event === 'stats' && Number(event.levelOut) > -50, 20_000)
  b.send({ do: 'hangup' })
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
})

t.test('can be imported, with types that hold', { timeout: 100_000 }, async t => {
  writeFileSync(join(folder, 'user.ts'), USER)
  const options = { module: 'NodeNext', target: 'ES2023', strict: true, skipLibCheck: false, types: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['user.ts'] }))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch(error => error)
  t.equal(stdout, '', 'no type error, in our declarations neither')
  const user = await run(process.execPath, [join(folder, 'user.js')])
  t.same(JSON.parse(user.stdout), [9001, true, 1, 'number', 'function', 'function', ...Array(4).fill('function')])
})

t.test('keeps what is inside to itself', async t => {
  writeFileSync(join(folder, 'inside.js'), "await import('voicechat/dist/peer/peer.js')")
  const { stderr } = await run(process.execPath, [join(folder, 'inside.js')]).catch(error => error)
  t.match(stderr, 'ERR_PACKAGE_PATH_NOT_EXPORTED')
})

t.test('installs without a warning that it causes', async t => {
  const warnings = readFileSync(lab.path('warnings'), 'utf8')
  t.notMatch(warnings, /deprecated|ERESOLVE|peer dep/i)
  // They run on Node 20, as test/peer/routes/compliance.test.ts and test/system/cluster.test.ts show there; their authors only don't try that any more.
  const wantNewer = [...warnings.matchAll(/EBADENGINE {3}package: '(.+)@/g)].map(([, name]) => name)
  t.same(
    wantNewer.filter(name => name !== 'werift' && name !== '@nats-io/nuid'),
    [],
  )
  // npm counts our own prepare script when it installs from a file; from a registry it does not.
  const scripts = [...warnings.matchAll(/install-scripts\s+(\S+)@\S+ \(/g)].map(([, name]) => name)
  t.same(
    scripts.filter(name => name !== 'voicechat'),
    [],
    'no package that we need wants to run a script',
  )
})
