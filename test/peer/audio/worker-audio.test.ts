import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createWorkerAudio } from '../../../peer/audio/worker-audio.js'
import { watchCrowding } from '../../system/crowding.js'
import { type Outcome, steadily } from '../../system/steadily.js'
import { findClicks, readSamples, writeClicks } from './clicks.js'

const later = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

t.test('carries sound from file to file, round through both rings', t => steadily(t, goRound))

async function goRound(t: Test): Promise<Outcome> {
  const folder = t.testdir()
  const [heard, said] = [join(folder, 'heard.wav'), join(folder, 'said.wav')]
  writeClicks(said, 5, 300)
  const audio = createWorkerAudio({ microphone: `file:${said}`, speaker: `file:${heard}`, backend: 'auto' })
  t.teardown(() => audio.stop())
  const begun = performance.now()
  await audio.prepare()
  const prepared = performance.now()
  const moments: number[] = []
  const sizes = new Set<number>()
  audio.onCaptured = () => {
    for (let packet = audio.captured.pop(); packet; packet = audio.captured.pop()) {
      moments.push(packet.at)
      sizes.add(packet.payload.length)
      if (packet.payload.length > 0) audio.playout.push(packet.at, packet.payload)
    }
  }
  const { microphone, speaker } = await audio.start()
  t.comment(`prepare ${(prepared - begun).toFixed(0)} ms, start ${(performance.now() - prepared).toFixed(0)} ms`)
  const watch = watchCrowding([process.pid])
  await later(1500)
  const crowding = watch.stop()
  const stats = audio.stats()
  const stopping = performance.timeOrigin + performance.now()
  await audio.stop()
  const stopped = performance.timeOrigin + performance.now()

  t.same(
    moments,
    Array.from({ length: moments.length }, (_, i) => i),
    'each moment once',
  )
  t.same(
    [...sizes].filter(size => size > 0),
    [80],
  )
  const samples = readSamples(heard)
  const end = speaker.startedAt + samples.length / 48
  t.ok(end >= stopping - 1 && end <= stopped + 1, 'the file ends when it was stopped')
  const delays = findClicks(samples).map(click => {
    const since = click + speaker.startedAt - microphone.startedAt - 150
    return since - Math.floor(since / 300) * 300
  })
  t.ok(stats.framesPlayed > 50 && stats.levelIn <= 0 && stats.bufferMs < 300)
  await audio.stop()
  const notes = [`delays, ms: ${delays.map(delay => delay.toFixed(1)).join(' ')}; ${JSON.stringify(stats)}`]
  return { notes, faults: delays.length >= 3 ? [] : [`${delays.length} clicks heard, wanted 3`], crowding }
}

t.test('sends nothing but empty packets while muted', async t => {
  const audio = createWorkerAudio({ microphone: 'tone', speaker: 'none', backend: 'auto' })
  audio.setMuted(true)
  await audio.start()
  await later(300)
  await audio.stop()
  let [count, bytes] = [0, 0]
  for (let packet = audio.captured.pop(); packet; packet = audio.captured.pop()) {
    count++
    bytes += packet.payload.length
  }
  t.ok(count > 5)
  t.equal(bytes, 0)
})

t.test('takes the volume before it has begun and later', async t => {
  const audio = createWorkerAudio({ microphone: 'tone', speaker: 'none', backend: 'auto' })
  // What is recorded is heard again: the level then says how loud.
  audio.onCaptured = () => {
    for (let packet = audio.captured.pop(); packet; packet = audio.captured.pop())
      audio.playout.push(packet.at, packet.payload)
  }
  t.match(audio.stats(), { levelIn: -100, levelOut: -100 }, 'silent before it has begun')
  /** How much louder the loudest of a while is played than it was recorded, dB; about, on a busy machine. */
  const loudest = async () => {
    let [own, other] = [-100, -100]
    for (let n = 0; n < 20; n++) {
      await later(50)
      const { levelIn, levelOut } = audio.stats()
      own = Math.max(own, levelIn)
      other = Math.max(other, levelOut)
    }
    return other - own
  }
  audio.setVolume(10)
  await audio.start()
  await later(200)
  const tenth = await loudest()
  audio.setVolume(100)
  await later(200)
  const whole = await loudest()
  await audio.stop()
  audio.setVolume(10)
  t.comment(`${tenth.toFixed(1)} dB at 10 %, ${whole.toFixed(1)} dB at 100 %`)
  t.ok(tenth < -12)
  t.ok(whole > -8)
})

t.test('tells before the call what is wrong with a file', async t => {
  const audio = createWorkerAudio({ microphone: 'file:no-such.wav', speaker: 'none', backend: 'auto' })
  await t.rejects(audio.prepare(), { name: 'noSuchFile', message: /no-such.wav/, hint: /--mic/ })
  await audio.stop()
  await t.rejects(audio.start(), { name: 'deviceLost' })
})

t.test('stops before it has begun, and in the middle of beginning', async t => {
  await createWorkerAudio({ microphone: 'tone', speaker: 'none', backend: 'auto' }).stop()
  const audio = createWorkerAudio({ microphone: 'tone', speaker: 'none', backend: 'auto' })
  const started = audio.start().catch(() => {})
  await audio.stop()
  await started
  t.pass('and nothing hangs')
})

t.test('keeps no program alive that has nothing else to do', async t => {
  const module = new URL('../../../peer/audio/worker-audio.js', import.meta.url).href
  const script = `
    import { createWorkerAudio } from '${module}'
    const idle = createWorkerAudio({ microphone: 'tone', speaker: 'none', backend: 'auto' })
    await idle.prepare()
    const used = createWorkerAudio({ microphone: 'tone', speaker: 'none', backend: 'auto' })
    await used.start()
    await used.stop()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  t.teardown(() => child.kill('SIGKILL'))
  t.same(await once(child, 'exit'), [0, null])
})
