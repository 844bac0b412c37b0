/** `voicechat-peer doctor` finds each of ten faults that are really there, and none where there is none. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CheckName, Verdict } from '../../peer/doctor/finding.js'
import { only } from '../lab/event.js'
import { freePort, Lab, type Peer } from '../lab/lab.js'
import { type NatKind, NetworkLab } from '../lab/network.js'
import type { ProgramOptions } from '../lab/program.js'
import { Pulse } from '../lab/pulse.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'

t.setTimeout(240_000)
const lab = new Lab()
t.teardown(() => lab.close())

/** Where sound is not the question. */
const QUIET = ['--mic', 'none', '--speaker', 'none']

const doctor = (args: readonly string[], options: Partial<ProgramOptions> = {}) =>
  lab.peer(['doctor', '--json', ...args], { name: 'doctor', ...options })

/** All that it found, by check; and its exit code. */
async function findings(t: Test, peer: Peer) {
  const { code } = await peer.exit(40_000)
  const all = only('check', peer.events)
  t.same(peer.strays, [])
  t.equal(all.length, 9, 'each check says something')
  const found = Object.fromEntries(all.map(check => [check.name, check])) as Record<CheckName, (typeof all)[number]>
  const with_ = (verdict: Verdict) => all.flatMap(check => (check.verdict === verdict ? [check.name] : []))
  return { code, found, faults: with_('fault'), warnings: with_('warning'), told: peer.describe() }
}

/** A server that offers all, for everything that is about something else. */
async function goodServer(t: Test, options: Parameters<Lab['server']>[0] = {}) {
  const server = await lab.server({ stateDir: lab.path(`state-${servers++}`), ...options })
  t.teardown(() => server.stop())
  return server
}
let servers = 0

t.test('where all is well, it says so', async t => {
  const server = await goodServer(t)
  const peer = doctor(['--server', server.url, '--mic', 'tone', '--speaker', `file:${lab.path('played.wav')}`])
  const { code, found, faults, warnings, told } = await findings(t, peer)
  t.same([code, faults, warnings], [0, [], []], told)
  t.match(found.sound.seen, /tone \(-20 dBFS\), played back on .* \(-20 dBFS\)/)
  t.match(peer.stderr, /Recording two seconds: say something/, 'what takes over a second is told')
  const { samples } = readWav(lab.path('played.wav'))
  t.ok(
    samples.some(sample => Math.abs(sample) > 0.05),
    'it was really played',
  )
})

t.test('people get a line for each, with what to do', async t => {
  const peer = lab.peer(['doctor', ...QUIET], { env: { VOICECHAT_PORT: `${await freePort()}` } })
  t.equal((await peer.exit(40_000)).code, 0)
  const said = peer.strays.join('\n')
  t.match(said, /^ok {7}versions {7}voicechat \S+, Node \S+/m)
  t.match(said, /^skipped {2}server .*a call starts its own\.\n +-> Name one with --server/m)
  t.match(said, /^Nothing is wrong\. 5 not checked\. Now try .*--test-call$/m)
})

t.test('1: no sound daemon', async t => {
  const nowhere = lab.path('nowhere')
  const env = { PULSE_SERVER: `unix:${nowhere}`, XDG_RUNTIME_DIR: nowhere, PULSE_RUNTIME_PATH: nowhere }
  const { code, found, faults } = await findings(t, doctor(['--audio', 'pulse'], { env: { ...env, ...(await own()) } }))
  t.same([code, faults], [7, ['sound']])
  t.ok(found.sound.todo)
})

const pulseMissing = Pulse.available()
const noPulse = pulseMissing === null ? false : `no PulseAudio here: ${pulseMissing}`

t.test('2: a source that is muted; and one that is not', { skip: noPulse }, async t => {
  const pulse = await Pulse.start()
  t.teardown(() => pulse.stop())
  const env = { ...pulse.env('a'), ...(await own()) }
  pulse.play('a', readWav(speechPath('congratulations')), { loop: true })
  const pactl = (...args: string[]) =>
    t.equal(spawnSync('pactl', args, { env: { ...process.env, ...env } }).status, 0, args.join(' '))
  pactl('set-source-mute', 'mic_a_source', '1')
  const muted = await findings(t, doctor(['--audio', 'pulse'], { env }))
  t.same([muted.code, muted.faults], [7, ['sound']], muted.told)
  t.match(muted.found.sound.seen, /muted in the sound system/)
  pactl('set-source-mute', 'mic_a_source', '0')
  const open = await findings(t, doctor(['--audio', 'pulse'], { env }))
  t.same([open.code, open.faults, open.warnings], [0, [], []], open.told)
  t.comment(open.found.sound.seen)
})

t.test('3: a server that is down', async t => {
  const { code, found, faults } = await findings(
    t,
    doctor([...QUIET, '--server', `ws://127.0.0.1:${await freePort()}`]),
  )
  t.same([code, faults], [3, ['server']])
  t.match(found.server, { seen: /cannot be reached: nothing answers/, todo: /Check its address/ })
})

const noNetwork = NetworkLab.available() ?? false

/** What a doctor says in a home with this NAT, the server outside. */
async function atHome(t: Test, nat: NatKind) {
  const network = await NetworkLab.start({ a: { nat } })
  t.teardown(() => network.stop())
  const server = await goodServer(t, { port: 9001, within: network.within('server'), address: network.serverAddress })
  const outcome = await findings(t, doctor([...QUIET, '--server', server.url], { within: network.within('a') }))
  return { ...outcome, address: network.publicAddress('a') }
}

t.test('4: UDP is blocked', { skip: noNetwork }, async t => {
  const { code, found, warnings, told } = await atHome(t, 'udpBlocked')
  t.same([code, warnings], [0, ['stun', 'nat']], told)
  t.match(found.nat, { seen: /UDP does not pass/, todo: /relay/ })
})

t.test('5: a symmetric NAT; and an ordinary one is none of it', { skip: noNetwork }, async t => {
  const symmetric = await atHome(t, 'symmetric')
  t.same([symmetric.code, symmetric.warnings], [0, ['nat']], symmetric.told)
  t.match(symmetric.found.nat, { seen: /symmetric NAT/, todo: /TURN/ })
  const ordinary = await atHome(t, 'ordinary')
  t.same([ordinary.code, ordinary.warnings], [0, []], ordinary.told)
  t.match(ordinary.found.nat.seen, /An ordinary NAT, as far as one server can tell/)
  t.match(ordinary.found.stun.seen, ordinary.address)
})

/** Loaded before a program: changes what it sees of the world. */
const before = (code: string) => ['--import', `data:text/javascript,${encodeURIComponent(code)}`]

t.test("6: a clock that is wrong: the server's is an hour ahead", async t => {
  const ahead = before(`
    const Real = Date
    globalThis.Date = class extends Real {
      constructor(...args) { args.length ? super(...args) : super(Real.now() + 3_600_000) }
    }`)
  const server = await goodServer(t, { nodeArgs: ahead })
  const { code, found, faults } = await findings(t, doctor([...QUIET, '--server', server.url]))
  t.same([code, faults], [2, ['clock']])
  t.match(found.clock, { seen: /60 minutes behind the server's/, todo: /timedatectl/ })
})

t.test('7: an old Node, as far as the program can see', async t => {
  const old = before(`Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })`)
  const { code, found, faults } = await findings(t, doctor(QUIET, { nodeArgs: old, env: await own() }))
  t.same([code, faults], [2, ['versions']])
  t.match(found.versions, { seen: /Node 18\.20\.4/, todo: /Install Node/ })
})

t.test('8: the port is held by another program', async t => {
  const other = createServer(socket => socket.on('error', () => {}).end('220 not VoiceChat\r\n')).listen(0)
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const { code, found, faults } = await findings(t, doctor(QUIET, { env: { VOICECHAT_PORT: `${port}` } }))
  t.same([code, faults], [3, ['port']])
  t.match(found.port, { seen: /no VoiceChat server/, todo: /VOICECHAT_PORT/ })
})

t.test('9: a server without STUN', async t => {
  const server = await goodServer(t, { args: ['--stun-port', 'off'] })
  const { code, found, warnings } = await findings(t, doctor([...QUIET, '--server', server.url]))
  t.same([code, warnings], [0, ['stun']])
  t.match(found.stun, { seen: /answers no STUN/, todo: /--stun-port off/ })
})

t.test('10: a configuration that is wrong, in several places at once', async t => {
  const env = { VOICECHAT_PORT: 'nine', VOICECHAT_SERVER: 'ftp://voice.test', HTTPS_PROXY: 'not a proxy' }
  const { code, found, faults } = await findings(t, doctor(QUIET, { env }))
  t.same([code, faults], [2, ['configuration']])
  for (const word of [/VOICECHAT_PORT is "nine"/, /"ftp:\/\/voice\.test"/, /HTTPS_PROXY is "not a proxy"/])
    t.match(found.configuration.seen, word)
})

t.test('10: a configuration file with a key that does not exist', async t => {
  const folder = lab.path('configured')
  mkdirSync(join(folder, 'voicechat'), { recursive: true })
  writeFileSync(join(folder, 'voicechat', 'peer.conf'), 'sever = ws://voice.test:9001\n')
  const { code, found, faults } = await findings(
    t,
    doctor(QUIET, { env: { XDG_CONFIG_HOME: folder, ...(await own()) } }),
  )
  t.same([code, faults], [2, ['configuration']])
  t.match(found.configuration, {
    seen: /line 1: "sever" is no setting\. Did you mean "server"/,
    todo: /config unset sever/,
  })
})

/** A port that nobody uses, so that a server on this machine is none of the test's business. */
async function own(): Promise<Record<string, string>> {
  return { VOICECHAT_PORT: `${await freePort()}` }
}
