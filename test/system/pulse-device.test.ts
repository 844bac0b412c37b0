import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SpeechChoice } from '../../peer/audio/speech/load-speech-processor.js'
import { wavHeader } from '../../peer/audio/wav.js'
import { createWorkerAudio } from '../../peer/audio/worker-audio.js'
import { breakBuild } from '../broken-build.js'
import { freePort } from '../lab/lab.js'
import { findClicks, writeClicks } from '../peer/audio/clicks.js'
import { at, noises, RATE, toInt16 } from '../peer/audio/speech/room.js'
import { watchCrowding } from './crowding.js'
import { type Outcome, steadily } from './steadily.js'

/** The test's own sound server, with one virtual microphone and one virtual speaker. */
const folder = mkdtempSync(join(tmpdir(), 'voicechat-pulse-'))
process.env.XDG_RUNTIME_DIR = folder
for (const name of ['PULSE_SERVER', 'PULSE_SOURCE', 'PULSE_SINK']) delete process.env[name]

const later = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const missing = ['pulseaudio', 'parec', 'pacat', 'pactl', 'paplay'].find(
  program => spawnSync(program, ['--version']).error !== undefined,
)
if (missing) t.plan(0, `${missing} is not installed`)
else tests()

function startServer(): void {
  const sink = (name: string) => ['-L', `module-null-sink sink_name=${name} rate=48000 channels=1 norewinds=1`]
  const args = ['-n', '--daemonize=yes', '--exit-idle-time=-1', '--use-pid-file=yes', '--log-level=error']
  execFileSync('pulseaudio', [...args, '-L', 'module-native-protocol-unix', ...sink('mic'), ...sink('spk')])
}

function stopServer(): void {
  spawnSync('pulseaudio', ['--kill'])
}

/** Listens to a virtual device as a person would; each click's time is that of its arrival. */
function listen(source: string) {
  const child = spawn('parec', [
    '-d',
    source,
    '--raw',
    '--format=s16le',
    '--rate=48000',
    '--channels=1',
    '--latency-msec=5',
  ])
  const samples: number[] = []
  let origin = Number.POSITIVE_INFINITY
  child.stdout.on('data', (bytes: Buffer) => {
    for (let i = 0; i + 1 < bytes.length; i += 2) samples.push(bytes.readInt16LE(i))
    origin = Math.min(origin, performance.now() - samples.length / 48)
  })
  return () => {
    child.kill()
    return findClicks(Int16Array.from(samples)).map(click => origin + click)
  }
}

/** Programs of ours that still run: those whose environment holds this test's folder. */
function leftBehind(): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      const command = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
      const ours = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`XDG_RUNTIME_DIR=${folder}`)
      return ours && (command === 'parec' || command === 'pacat')
    } catch {
      return false
    }
  })
}

async function nothingLeft(): Promise<boolean> {
  for (let tries = 0; tries < 50 && leftBehind().length > 0; tries++) await later(100)
  return leftBehind().length === 0
}

function tests(): void {
  t.before(startServer)
  t.teardown(() => {
    stopServer()
    rmSync(folder, { recursive: true, force: true })
  })

  t.test('hears a microphone and plays to a speaker, soon', t => steadily(t, clicksThrough))

  t.test('takes the noise out of a room where that is wanted', async t => {
    const asItIs = await fanHeard(t)
    t.ok(Math.abs(asItIs + 40) < 3, `${asItIs.toFixed(1)} dBFS as it is`)
    const suppressed = await fanHeard(t, { denoise: true, agc: true })
    t.ok(suppressed < -65, `${suppressed.toFixed(1)} dBFS without its noise`)
    const filtered = await fanHeard(t, { denoise: false, agc: true })
    t.ok(filtered > -45 && filtered < -35, `${filtered.toFixed(1)} dBFS where it is left in`)
  })

  t.test('says once that noise suppression does not load, and goes on', { timeout: 120_000 }, async t => {
    const names = "['rnnoise_simd.wasm', 'rnnoise.wasm']"
    const gone = { file: 'peer/audio/speech/rnnoise-file.js', from: names, to: "['gone.wasm']" }
    const build = breakBuild('no RNNoise', ['peer', 'protocol', 'signaling'], [gone])
    t.teardown(() => build.remove())
    const VOICECHAT_PORT = `${await freePort()}`
    const ids = ['--id', 'ABC', '--to', 'XYZ', '--wait', '1']
    const problems = (more: readonly string[]) => {
      const args = [build.path('peer/terminal/main.js'), ...ids, '--mic', 'mic.monitor', '--speaker', 'none', '--json']
      const env = { ...process.env, VOICECHAT_PORT, XDG_CONFIG_HOME: join(folder, 'config') }
      const { stdout } = spawnSync(process.execPath, [...args, ...more], { env, encoding: 'utf8' })
      const events = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { event: string; name: string; message: string })
      return events.filter(({ event }) => event === 'error')
    }
    const told = problems([])
    t.same(
      told.map(({ name }) => name),
      ['denoiseBroken', 'nobodyCame'],
    )
    t.match(told[0]?.message, /goes on without: /)
    t.same(
      problems(['--no-denoise']).map(({ name }) => name),
      ['nobodyCame'],
    )
  })

  t.test('names a device that does not exist, before the call', async t => {
    const audio = createWorkerAudio({ microphone: 'nosuch', speaker: 'spk', backend: 'pulse' })
    await t.rejects(audio.prepare(), { name: 'noSuchDevice', message: /named nosuch/, hint: /mic.monitor/ })
    await audio.stop()
  })

  t.test('leaves no program behind when it is killed', async t => {
    const module = new URL('../../peer/audio/worker-audio.js', import.meta.url).href
    const script = `import { createWorkerAudio } from '${module}'
      await createWorkerAudio({ microphone: 'mic.monitor', speaker: 'spk', backend: 'auto' }).start()
      console.log('started')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    t.equal(leftBehind().length, 2)
    child.kill('SIGKILL')
    t.ok(await nothingLeft())
  })

  t.test('says that the devices went away when the sound server dies', async t => {
    const audio = createWorkerAudio({ microphone: 'mic.monitor', speaker: 'spk', backend: 'auto' })
    const lost: string[] = []
    const both = new Promise<void>(resolve => {
      audio.onDevice = change => {
        if (change.change !== 'lost') return t.fail(`${change.device} ${change.change}`)
        const { device, problem } = change
        lost.push(`${device} ${problem.name}`)
        t.ok(problem.message.length > 10 && problem.hint.length > 10, problem.message)
        if (lost.length === 2) resolve()
      }
    })
    await audio.start()
    stopServer()
    await both
    t.same(lost.sort(), ['microphone deviceLost', 'speaker deviceLost'])
    await audio.stop()
    const next = createWorkerAudio({ microphone: '', speaker: '', backend: 'auto' })
    await t.rejects(next.prepare(), { name: 'noSoundSystem', hint: /--mic/ })
    await next.stop()
  })
}

/** A fan in the room, 4 s of it: how loud the last second is sent, dBFS. */
async function fanHeard(t: Test, speech?: SpeechChoice): Promise<number> {
  const file = join(t.testdir(), 'fan.wav')
  const fan = toInt16(at(-40, noises.fan(4 * RATE)))
  writeFileSync(file, Buffer.concat([wavHeader(fan.length), new Uint8Array(fan.buffer)]))
  const audio = createWorkerAudio({
    microphone: 'mic.monitor',
    speaker: 'none',
    backend: 'auto',
    ...(speech ? { speech } : {}),
  })
  t.teardown(() => audio.stop())
  await audio.prepare()
  t.equal(audio.remark, null)
  await audio.start()
  const playing = once(spawn('paplay', ['-d', 'mic', file]), 'exit')
  await later(3500)
  const { levelIn } = audio.stats()
  await playing
  await audio.stop()
  return levelIn
}

/** Clicks go into the microphone, back through the rings, and out at the speaker. */
async function clicksThrough(t: Test): Promise<Outcome> {
  const clicks = join(t.testdir(), 'clicks.wav')
  writeClicks(clicks, 10, 310)
  const audio = createWorkerAudio({ microphone: 'mic.monitor', speaker: 'spk', backend: 'auto' })
  t.teardown(() => audio.stop())
  audio.onCaptured = () => {
    for (let packet = audio.captured.pop(); packet; packet = audio.captured.pop()) {
      if (packet.payload.length > 0) audio.playout.push(packet.at, packet.payload)
    }
  }
  await audio.prepare()
  const { microphone, speaker } = await audio.start()
  t.same([microphone.name, speaker.name], ['mic.monitor', 'spk'])
  const [said, heard] = [listen('mic.monitor'), listen('spk.monitor')]
  await later(2500)
  const watch = watchCrowding([process.pid])
  await once(spawn('paplay', ['-d', 'mic', clicks]), 'exit')
  await later(300)
  const crowding = watch.stop()
  const [from, to] = [said(), heard()]
  const delays = to.map(ms => ms - Math.max(...from.filter(start => start < ms + 1)))
  const stats = JSON.stringify(audio.stats())
  await audio.stop()
  t.ok(await nothingLeft(), 'no program is left behind')
  return {
    notes: [`mouth to ear, ms: ${delays.map(delay => delay.toFixed(1)).join(' ')}; ${stats}`],
    faults: [
      ...(from.length === 10 ? [] : [`${from.length} of 10 clicks said`]),
      ...(to.length >= 9 ? [] : [`${to.length} of 10 clicks heard`]),
    ],
    crowding,
  }
}
