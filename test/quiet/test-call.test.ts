/** `voicechat-peer --test-call`: the whole path with one person, with an echo of its own and with a server's. */
import t, { type Test } from 'tap'
import { only } from '../lab/event.js'
import { freePort, Lab, type Peer, type Server } from '../lab/lab.js'
import { judge } from '../measure/hearing.js'
import { endOf, looped } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { watchCrowding } from '../system/crowding.js'
import { steadily } from '../system/steadily.js'
import { Terminal } from '../system/terminal.js'
import { faultsOf } from '../system/whole-call.js'

t.setTimeout(240_000)
const lab = new Lab()
t.teardown(() => lab.close())

const MIC = speechPath('congratulations')
/** The echo's own delay is a second, and a call adds its own; a machine that stalls as it begins takes a little from it. */
const LEAST_MS = 900
const MOST_MS = 1600

let calls = 0
function testCall(args: readonly string[], env: Record<string, string> = {}) {
  const heard = lab.path(`heard-${calls++}.wav`)
  const devices = ['--mic', `file:${MIC}`, '--speaker', `file:${heard}`]
  return { heard, peer: lab.peer(['--test-call', '--json', '--verbose', ...devices, ...args], { env }) }
}

const isTalking = (peer: Peer) => peer.event(event => event.event === 'state' && event.state === 'talking', 30_000)

function outcomeOf(peer: Peer) {
  const [outcome] = only('testCall', peer.events)
  if (!outcome) throw new Error(`no outcome\n${peer.describe()}`)
  return outcome
}

/** What was said is heard again, whole, a second later. */
function heardAgain(t: Test, name: string, make: () => Promise<ReturnType<typeof testCall>>) {
  return steadily(t, async t => {
    const { heard, peer } = await make()
    await isTalking(peer)
    const watch = watchCrowding([peer.pid])
    t.equal((await peer.exit(40_000)).code, 0)
    const crowding = watch.stop()
    const outcome = outcomeOf(peer)
    t.equal(outcome.verdict, 'heardBack')
    const [devices] = only('devices', peer.events)
    const played = { ...readWav(heard), startedAt: devices!.speaker.startedAt }
    const said = looped({ ...readWav(MIC), startedAt: devices!.microphone.startedAt }, endOf(played))
    const { stoi, delay } = judge(said, played, 3_000)
    t.ok(delay.p50 >= LEAST_MS, `${delay.p50} ms later`)
    const note = `${name}: STOI ${stoi.toFixed(3)}, ${delay.p50.toFixed(0)} ms later, it says ${outcome.delayMs} ms, route ${outcome.route}`
    const faults = [
      ...faultsOf(name, { stoi }),
      ...(delay.p50 < MOST_MS ? [] : [`${name}: ${delay.p50.toFixed(0)} ms later`]),
      ...(Math.abs((outcome.delayMs ?? 0) - delay.p50) < 200 ? [] : [`${name}: it says ${outcome.delayMs} ms`]),
    ]
    return { notes: [note], faults, crowding }
  })
}

t.test('alone: with a server and an echo of its own', async t => {
  const env = { VOICECHAT_PORT: `${await freePort()}` }
  await heardAgain(t, 'alone', async () => testCall(['--for', '5', '--route', 'relay'], env))
})

t.test("with a server's echo, directly where it can be", async t => {
  const server = await echoServer(t)
  await heardAgain(t, 'by a server', async () => testCall(['--for', '5', '--server', server.url]))
})

t.test('says in plain sentences what happens, and ends by itself', async t => {
  const peer = lab.peer(['--test-call', '--mic', `file:${MIC}`, '--speaker', 'none', '--for', '4'], {
    env: { VOICECHAT_PORT: `${await freePort()}` },
  })
  t.equal((await peer.exit(30_000)).code, 0)
  const said = peer.strays.join('\n')
  t.match(said, /^No server given and none runs here: started one on port \d+, for this test\.$/m)
  t.match(said, /^Say something: you hear it again a second later\. It ends after 4 seconds\.$/m)
  t.match(said, /^The voice goes (directly|over the relay)\.$/m)
  t.match(said, /^Heard back: .* came back .*round trip \d+ ms, loss [\d.]+ %\./m)
})

const noTerminal = Terminal.missing()

t.test('in a terminal of 40 columns: both levels, m and q', { skip: noTerminal ?? false }, async t => {
  const terminal = await Terminal.open(lab, { columns: 40, env: { VOICECHAT_PORT: `${await freePort()}` } })
  t.teardown(() => terminal.close())
  await terminal.peer(['--test-call', '--mic', 'tone', '--speaker', 'none', '--for', '60'])
  const screen = await terminal.until(/^you \[#+ *\] {2}echo \[#+ *\] {2}\d/m)
  t.comment(`\n${screen.join('\n')}`)
  await terminal.type('m')
  await terminal.until(/^Your microphone is muted\.$/m)
  await terminal.until(/^you \[ {10}\] {2}echo \[ {10}\]/m)
  await terminal.type('q')
  const after = await terminal.until(/\$ ?$/)
  t.match(after.join(''), /Heard back:/)
  t.notMatch(after.join('\n'), /^you \[/m, 'the line of levels is gone')
})

t.test('a microphone that gives nothing is told from an echo that is missing', async t => {
  const peer = lab.peer(['--test-call', '--mic', 'none', '--speaker', 'none', '--for', '2', '--json'], {
    env: { VOICECHAT_PORT: `${await freePort()}` },
  })
  t.equal((await peer.exit(30_000)).code, 7)
  t.equal(outcomeOf(peer).verdict, 'nothingSaid')
  t.match(only('error', peer.events).at(-1), { name: 'nothingSaid', hint: /--mic/ })
})

t.test('a server without an echo is named, with what to do; and so is one that is not there', async t => {
  const server = await lab.server({ stateDir: lab.path('none') })
  const refused = testCall(['--server', server.url]).peer
  t.equal((await refused.exit()).code, 4)
  t.match(only('error', refused.events), [{ name: 'noEcho', message: /--echo, or leave --server away/ }])
  const lost = testCall(['--server', `ws://127.0.0.1:${await freePort()}`]).peer
  t.equal((await lost.exit()).code, 3)
  t.match(only('error', lost.events), [{ name: 'serverLost', hint: /leave --server away/ }])
  for (const args of [['--to', 'ABC'], ['--password']]) {
    const wrong = testCall(args).peer
    t.equal((await wrong.exit()).code, 2, args.join(' '))
  }
})

async function echoServer(t: Test): Promise<Server> {
  const server = await lab.server({ args: ['--echo'], stateDir: lab.path(`state-${calls++}`) })
  t.teardown(() => server.stop())
  await server.event(line => line.msg === 'echo ready', 20_000)
  return server
}
