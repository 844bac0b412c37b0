/** The sound's own thread: devices, codec and jitter buffer, so that nothing else that the program does is heard. */
import { parentPort, workerData } from 'node:worker_threads'
import { NodeClock } from '../node-clock.js'
import type { AudioProblem, AudioStarted } from './audio.js'
import { chooseDevices, isRealMicrophone } from './choose.js'
import type { Coding } from './codec.js'
import { InProcessAudio } from './in-process-audio.js'
import { loadOpus } from './opus-file.js'
import { Ring } from './ring.js'
import { loadSpeechProcessor } from './speech/load-speech-processor.js'
import { StatsBoard } from './stats-board.js'
import { plainChange, toPlain, type WorkerReply, type WorkerRequest, type WorkerSetup } from './worker-messages.js'
import { WorkerRecording } from './worker-recording.js'

/** The figures are written down with every so many-th packet, each 60 ms: a timer would wake the thread for nothing else. */
const STATS_PACKETS = 3

const port = parentPort
if (!port) throw new Error('worker.js runs as a worker thread only')
const setup = workerData as WorkerSetup
const reply = (message: WorkerReply) => port.postMessage(message)
const board = new StatsBoard(setup.stats)
let audio: Promise<InProcessAudio> | null = null
let packets = 0
let muted = false
let volume = 100
let coding: Coding | null = null
let remark: AudioProblem | null = null
const recording =
  setup.recording && new WorkerRecording(setup.recording, problem => reply({ recordingEnded: toPlain(problem) }))

async function build(): Promise<InProcessAudio> {
  const clock = new NodeClock()
  const speech = isRealMicrophone(setup.microphone) ? setup.speech : undefined
  const [codec, [microphone, speaker], loaded, echoCanceller] = await Promise.all([
    loadOpus(),
    chooseDevices(setup, clock),
    speech && loadSpeechProcessor(speech),
    setup.echoCancel ? import('./webrtc-canceller.js').then(({ loadWebrtcCanceller }) => loadWebrtcCanceller()) : null,
  ])
  remark = loaded?.problem ?? null
  const [captured, playout] = [Ring.from(setup.captured), Ring.from(setup.playout)]
  const more = {
    ...(loaded && { processor: loaded.processor }),
    ...(echoCanceller && { echoCanceller }),
    ...(recording && { listener: recording.listener }),
  }
  const built = new InProcessAudio({ clock, codec, microphone, speaker, captured, playout, ...more })
  built.onCaptured = () => {
    reply('captured')
    if (++packets % STATS_PACKETS === 0) board.write(built.stats())
  }
  built.onDevice = change => reply({ device: plainChange(change) })
  built.setMuted(muted)
  built.setVolume(volume)
  if (coding) built.setCoding(coding)
  return built
}

async function run(what: 'prepare' | 'start' | 'stop'): Promise<AudioStarted | undefined> {
  if (what === 'stop' && !audio) return
  audio ??= build()
  const built = await audio
  switch (what) {
    case 'prepare':
      recording?.prepare(setup)
      await built.prepare()
      return
    case 'start':
      recording?.start()
      return built.start()
    case 'stop':
      await built.stop()
      await recording?.stop()
      board.write(built.stats())
      return
  }
}

/** What is set before the sound is built, or while, holds once it is. */
function set(change: (built: InProcessAudio) => void): void {
  audio?.then(change, () => {})
}

port.on('message', (request: WorkerRequest) => {
  switch (request.do) {
    case 'mute':
      muted = request.muted
      return set(built => built.setMuted(muted))
    case 'volume':
      volume = request.percent
      return set(built => built.setVolume(volume))
    case 'code':
      coding = request.coding
      return set(built => built.setCoding(request.coding))
    default:
      run(request.do).then(
        started =>
          reply({ done: request.n, ...(started ? { started } : {}), ...(remark ? { remark: toPlain(remark) } : {}) }),
        error => reply({ done: request.n, problem: toPlain(error) }),
      )
  }
})
