/** The sound's own delay: microphone, recorder, ring, transmitter, receiver, ring, player, speaker; no network, no sealing. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audio } from '../../peer/audio/audio.js'
import { Receiver } from '../../peer/audio/receiver.js'
import type { SpeechChoice } from '../../peer/audio/speech/load-speech-processor.js'
import { Transmitter } from '../../peer/audio/transmitter.js'
import { createWorkerAudio } from '../../peer/audio/worker-audio.js'
import { Pulse } from '../lab/pulse.js'
import { type Delay, measureDelay } from '../measure/delay.js'
import { endOf, looped } from '../measure/sound.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { fixed, table } from './figures.js'
import type { Bench, Part } from './part.js'

const RUN_MS = 10_000
const recorded = speechPath('congratulations')

export const pipeline: Part = async bench => {
  const rows = [['ms', 'p50', 'p95', 'min', 'max', 'windows that match']]
  const add = (name: string, { p50, p95, min, max, track, windows }: Delay) =>
    rows.push([name, ...[p50, p95, min, max].map(value => fixed(value, 1)), `${track.length} of ${windows}`])
  add('file microphone to file speaker', await throughFiles(bench))
  const missing = Pulse.available()
  if (missing === null) {
    add('PulseAudio sink to sink, parec and pacat', await throughPulse(bench))
    add('the same, noise suppression and gain on', await throughPulse(bench, { denoise: true, agc: true }))
  }
  for (const line of table(rows)) bench.say(line)
  if (missing !== null) bench.say(`Not through PulseAudio: ${missing}.`)
  bench.say(
    `${RUN_MS / 1000} s of recorded speech each; the player's jitter buffer included; the track of the delay every 250 ms.`,
  )
}

async function throughFiles({ lab, atEnd }: Bench): Promise<Delay> {
  const out = lab.path('pipeline.wav')
  const audio = createWorkerAudio({ microphone: `file:${recorded}`, speaker: `file:${out}`, backend: 'file' })
  atEnd(() => audio.stop())
  await audio.prepare()
  loop(audio)
  const { microphone, speaker } = await audio.start()
  await sleep(RUN_MS)
  await audio.stop()
  const heard = { ...readWav(out), startedAt: speaker.startedAt }
  return measureDelay(looped({ ...readWav(recorded), startedAt: microphone.startedAt }, endOf(heard)), heard)
}

async function throughPulse({ atEnd }: Bench, speech?: SpeechChoice): Promise<Delay> {
  const pulse = await Pulse.start()
  atEnd(() => pulse.stop())
  // The worker takes over this process's environment as it is when it starts.
  const before = { ...process.env }
  Object.assign(process.env, pulse.env('a'))
  const devices = { microphone: 'default', speaker: 'default', backend: 'pulse' } as const
  const audio = createWorkerAudio({ ...devices, ...(speech ? { speech } : {}) })
  atEnd(() => audio.stop())
  await audio.prepare()
  process.env = before
  loop(audio)
  const speaking = pulse.play('a', readWav(recorded), { loop: true })
  const recording = await pulse.record()
  await audio.start()
  await sleep(RUN_MS)
  const { said, heard } = await recording.stop()
  speaking.stop()
  await audio.stop()
  return measureDelay(said.a, heard.a)
}

/** What the recorder gives goes straight to the player. */
function loop(audio: Audio): void {
  const receiver = new Receiver(audio.playout)
  const transmitter = new Transmitter(audio.captured, packets => {
    if (packets?.length === 0) receiver.pause()
    for (const packet of packets ?? []) receiver.accept(packet)
  })
  audio.onCaptured = () => transmitter.drain()
}
