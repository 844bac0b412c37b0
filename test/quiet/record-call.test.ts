/** A real call that one side records: what is in the file, and what the other side is told. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { only } from '../lab/event.js'
import { Lab, type Peer } from '../lab/lab.js'
import { judge } from '../measure/hearing.js'
import { between, endOf, looped, rms, type Sound } from '../measure/sound.js'
import { readChannels, readWav } from '../measure/wav.js'
import { steadily } from '../system/steadily.js'
import { faultsOf, figures, type Side, sleep, WholeCall } from '../system/whole-call.js'

t.setTimeout(240_000)
/** The two channels may differ by so much in their places, ms: a frame and a half each way, and what a busy machine adds. */
const TOGETHER_MS = 60

/** What this side's microphone took, and what its speaker played, each with its place in time. */
function sides({ peer, mic, heard }: Side): { said: Sound; played: Sound } {
  const [devices] = only('devices', peer.events)
  if (!devices) throw new Error(`no devices\n${peer.describe()}`)
  return {
    said: { ...readWav(mic), startedAt: devices.microphone.startedAt },
    played: { ...readWav(heard), startedAt: devices.speaker.startedAt },
  }
}

/** The longest stretch of zeros, epoch ms. */
function longestSilence({ samples, rate, startedAt }: Sound): { from: number; until: number } {
  let [best, length] = [0, 0]
  for (let at = 0, run = 0; at < samples.length; at++) {
    run = samples[at] === 0 ? run + 1 : 0
    if (run > length) [best, length] = [at + 1 - run, run]
  }
  const moment = (place: number) => startedAt + (place * 1000) / rate
  return { from: moment(best), until: moment(best + length) }
}

t.test('both sides are in the file, apart and in time, and the other side is told', { timeout: 240_000 }, t =>
  steadily(t, async t => {
    const file = join(t.testdir(), 'call.wav')
    const call = await WholeCall.start(t, { a: { args: ['--record', file] } })
    const { a, b } = call
    t.match(await b.peer.event(event => event.event === 'recording', 20_000), { own: false, peer: true })
    t.match(await a.peer.event(event => event.event === 'recording'), { own: true, peer: false })
    await call.talking()
    await sleep(5_000)
    a.peer.send({ do: 'mute' })
    await sleep(3_000)
    a.peer.send({ do: 'unmute' })
    await sleep(3_000)
    t.same(await call.hangUp(), [0, 0])
    t.same(
      [a, b].map(({ peer }) => only('recording', peer.events).length),
      [1, 1],
      'told once',
    )

    const { rate, channels } = readChannels(file)
    t.equal(rate, 48_000)
    t.equal(channels.length, 2)
    if (process.platform !== 'win32') t.equal(statSync(file).mode & 0o777, 0o600)
    const { said, played } = sides(a)
    const [left, right] = channels.map(samples => ({ rate, samples, startedAt: said.startedAt }))
    if (!left || !right) throw new Error('two channels')

    const mouth = looped(said, endOf(left))
    const { from, until } = longestSilence(left)
    t.ok(until - from > 1_500, `what was muted is silence, for ${(until - from).toFixed(0)} ms`)
    const before = judge(between(mouth, 0, from), between(left, 0, from))
    const after = judge(between(mouth, until, Infinity), between(left, until, Infinity))
    const ear = judge(played, right)
    const apart = Math.abs(ear.delay.p50 - before.delay.p50)
    const moved = Math.abs(after.delay.p50 - before.delay.p50)
    const voice = judge(looped(sides(b).said, endOf(right)), right)
    return {
      notes: [
        `left: STOI ${before.stoi.toFixed(3)}, ${before.delay.p50.toFixed(1)} ms after the microphone`,
        `right: STOI ${ear.stoi.toFixed(3)} of what was played, ${ear.delay.p50.toFixed(1)} ms after the speaker`,
        `the two channels are ${apart.toFixed(1)} ms apart; after the silence ${moved.toFixed(1)} ms off`,
        figures('the other voice in the right channel', voice, a),
      ],
      faults: [
        ...faultsOf('left, before the silence', before),
        ...faultsOf('left, after it', after),
        ...faultsOf('right, as played', ear),
        // How well it came through is not the recording's affair; whose voice it is, is.
        ...(voice.stoi > 0.5 ? [] : [`right, as said: STOI ${voice.stoi.toFixed(3)}`]),
        ...(apart < TOGETHER_MS ? [] : [`the two channels are ${apart.toFixed(1)} ms apart`]),
        ...(moved < TOGETHER_MS ? [] : [`after the silence the voice is ${moved.toFixed(1)} ms off`]),
      ],
      crowding: call.crowding,
    }
  }),
)

/** Waits until a person reads this line. */
async function reads(peer: Peer, line: string): Promise<void> {
  for (const until = Date.now() + 20_000; !peer.strays.includes(line); await sleep(50))
    if (!peer.running || Date.now() > until) throw new Error(`${line}: not said\n${peer.describe()}`)
}

t.test('mixed into one channel, and told to people on both sides', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const path = lab.path('mixed.wav')
  const { url } = await lab.server()
  const shared = ['--server', url, '--route', 'relay', '--wait', '20']
  const person = (own: string, to: string, more: string[]) =>
    lab.peer(['--id', own, '--to', to, ...shared, ...more], { home: `home-${own}`, name: `${own} in words` })
  const a = person('ABC', 'XYZ', ['--mic', 'tone', '--speaker', 'none', '--record', path, '--record-mix'])
  const b = person('XYZ', 'ABC', ['--mic', 'none', '--speaker', 'none'])
  await reads(b, 'ABC is recording this call.')
  await reads(a, 'You are recording this call, and XYZ is told.')
  await sleep(2_000)
  a.kill('SIGINT')
  t.same([(await a.exit()).code, (await b.exit()).code], [0, 0])
  const { channels } = readChannels(path)
  t.equal(channels.length, 1)
  const level = rms(channels[0] ?? new Float32Array(0))
  t.ok(level > 0.01, `the tone is in it (${level.toFixed(3)})`)
})

t.test('a file that is there already is not touched, and nothing starts', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const path = lab.path('precious.wav')
  writeFileSync(path, 'precious')
  const args = [
    '--id',
    'A',
    '--to',
    'B',
    '--mic',
    'none',
    '--speaker',
    'none',
    '--server',
    'ws://127.0.0.1:1',
    '--json',
  ]
  for (const [file, name] of [
    [path, 'fileExists'],
    [lab.path('no/folder.wav'), 'cannotWrite'],
  ] as const) {
    const peer = lab.peer([...args, '--record', file])
    t.equal((await peer.exit()).code, 2)
    t.match(only('error', peer.events), [{ name, hint: /--record/ }])
  }
  t.equal(statSync(path).size, 8)
  const same = lab.path('same.wav')
  const both = lab.peer([...args, '--speaker', `file:${same}`, '--record', same])
  t.equal((await both.exit()).code, 2)
  t.match(only('error', both.events), [{ name: 'cannotWrite', message: /both speaker and recording/ }])
  t.notOk(existsSync(same))
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0
t.test(
  'a disk that fills up ends the recording, not the call',
  { skip: canMount ? false : 'needs root and Linux: it mounts a small disk' },
  async t => {
    const disk = mkdtempSync(join(tmpdir(), 'voicechat-disk-'))
    t.teardown(() => rmSync(disk, { recursive: true, force: true }))
    // It takes about five seconds of a call.
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { encoding: 'utf8' })
    if (mounted.status !== 0)
      return void t.pass('a small disk', { skip: `no small disk can be mounted here: ${mounted.stderr.trim()}` })
    t.teardown(() => execFileSync('umount', ['-l', disk]))
    const path = `${disk}/call.wav`
    const call = await WholeCall.start(t, { a: { args: ['--record', path] } })
    const { a, b } = call
    t.match(await b.peer.event(event => event.event === 'recording', 20_000), { own: false, peer: true })
    const ended = await a.peer.event(event => event.event === 'error', 20_000)
    t.match(ended, { name: 'recordingEnded', message: /call\.wav has ended, the call goes on: the disk is full/ })
    t.match(await b.peer.event(event => event.event === 'recording' && !event.peer, 10_000), {
      own: false,
      peer: false,
    })
    const seen = only('stats', a.peer.events).length
    await a.peer.event(() => only('stats', a.peer.events).length > seen + 2, 10_000)
    t.same(await call.hangUp(), [0, 0])
    t.equal(only('error', a.peer.events).length, 1, 'told once')
    const { channels } = readChannels(path)
    t.ok((channels[0]?.length ?? 0) >= 24_000, 'what came before is a good file')
  },
)

t.test('whoever is killed leaves a good file behind', async t => {
  const path = join(t.testdir(), 'killed.wav')
  const { a } = await WholeCall.start(t, { a: { args: ['--record', path] } })
  await a.peer.event(event => event.event === 'stats', 20_000)
  await sleep(3_000)
  a.peer.kill()
  await a.peer.exit()
  const { channels } = readChannels(path)
  t.ok((channels[0]?.length ?? 0) > 48_000, 'all but its last half second')
  t.ok(rms(channels[0]!) > 0.001 && rms(channels[1]!) > 0.001, 'with both voices')
  t.comment(`${(channels[0]!.length / 48_000).toFixed(2)} s`)
})
