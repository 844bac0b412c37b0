import { spawn } from 'node:child_process'
import t, { type Test } from 'tap'
import { judge } from '../measure/hearing.js'
import { rms } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { watchCrowding } from '../system/crowding.js'
import { type Outcome, steadily } from '../system/steadily.js'
import { Pulse } from './pulse.js'

const skip = Pulse.available() ?? false

t.test('carries speech from a microphone to a speaker, and records both on one clock', { skip }, t =>
  steadily(t, carry),
)

async function carry(t: Test): Promise<Outcome> {
  const pulse = await Pulse.start()
  t.teardown(() => pulse.stop())
  const wav = readWav(speechPath('no-connection'))
  const short = { rate: wav.rate, samples: wav.samples.slice(0, 3 * wav.rate) }
  const recording = await pulse.record()
  // The simplest call there is: A's microphone, through pipes, to B's speaker.
  const format = ['--raw', '--format=s16le', '--rate=48000', '--channels=1', '--latency-msec=20']
  const from = spawn('parec', format, {
    env: { ...process.env, ...pulse.env('a') },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const to = spawn('pacat', format, { env: { ...process.env, ...pulse.env('b') }, stdio: ['pipe', 'ignore', 'ignore'] })
  to.stdin.on('error', () => {})
  from.stdout.pipe(to.stdin)
  await new Promise(resolve => from.stdout.once('data', resolve))
  const watch = watchCrowding([from.pid, to.pid])
  await pulse.play('a', short).done
  await new Promise(resolve => setTimeout(resolve, 500))
  const crowding = watch.stop()
  const { said, heard } = await recording.stop()
  from.kill()
  to.kill()
  const { stoi, delay } = judge(said.a, heard.b)
  t.ok(delay.track.length >= 5)
  t.ok(delay.min > 0)
  t.ok(rms(said.a.samples) > 0.01)
  t.equal(rms(said.b.samples), 0, 'nothing leaks into the other way')
  t.equal(rms(heard.a.samples), 0)
  const notes = [`parec to pacat: ${delay.p50.toFixed(1)} ms, STOI ${stoi.toFixed(3)}`]
  return { notes, faults: stoi > 0.95 ? [] : [`STOI ${stoi.toFixed(3)}, wanted over 0.95`], crowding }
}

t.test('ends all that it started', { skip }, async t => {
  const pulse = await Pulse.start()
  const endless = pulse.play('a', { rate: 16_000, samples: new Float32Array(1600) }, { loop: true })
  await pulse.stop()
  await endless.done
  const { PULSE_SERVER } = pulse.env('a')
  const check = spawn('pactl', ['info'], { env: { ...process.env, PULSE_SERVER }, stdio: 'ignore' })
  t.not(await new Promise(resolve => check.on('close', resolve)), 0)
})
