import { Worker } from 'node:worker_threads'
import { type Audio, AudioProblem, type AudioStarted, type AudioStats, type DeviceChange } from './audio.js'
import type { Coding } from './codec.js'
import { Ring } from './ring.js'
import { StatsBoard } from './stats-board.js'
import {
  changeFromPlain,
  fromPlain,
  type RecordingChoice,
  type SoundChoice,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSetup,
} from './worker-messages.js'

/** Devices give themselves back within this time, or the thread is ended without them, ms. */
const STOP_MS = 2000

/**
 * Sound in a worker thread of its own, on this machine's devices, recorded if that is wanted. Nothing happens before
 * `prepare` or `start`.
 */
export function createWorkerAudio(choice: SoundChoice, recording: RecordingChoice | null = null): Audio {
  return new WorkerAudio(choice, recording)
}

class WorkerAudio implements Audio {
  readonly captured = Ring.create()
  readonly playout = Ring.create()
  onCaptured: () => void = () => {}
  onDevice: (change: DeviceChange) => void = () => {}
  onFailed: (problem: AudioProblem) => void = () => {}
  onRecordingEnded: (problem: AudioProblem) => void = () => {}
  remark: AudioProblem | null = null
  readonly #choice: SoundChoice
  readonly #recording: RecordingChoice | null
  readonly #board = new StatsBoard()
  readonly #pending = new Map<
    number,
    { resolve: (started?: AudioStarted) => void; reject: (problem: unknown) => void }
  >()
  #worker: Worker | null = null
  #n = 0
  #started = false
  #stopped: Promise<void> | null = null

  constructor(choice: SoundChoice, recording: RecordingChoice | null) {
    this.#choice = choice
    this.#recording = recording
  }

  async prepare(): Promise<void> {
    await this.#ask('prepare')
  }

  async start(): Promise<AudioStarted> {
    const started = await this.#ask('start')
    this.#started = true
    this.#hold()
    return started!
  }

  setMuted(muted: boolean): void {
    if (!this.#stopped) this.#send({ do: 'mute', muted })
  }

  setCoding(coding: Coding): void {
    if (!this.#stopped) this.#send({ do: 'code', coding })
  }

  setVolume(percent: number): void {
    if (!this.#stopped) this.#send({ do: 'volume', percent })
  }

  stats(): AudioStats {
    return this.#board.read()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    const asked = this.#ask('stop').catch(() => {})
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, STOP_MS)
    })
    await Promise.race([asked, late])
    clearTimeout(timer)
    this.#started = false
    this.#worker = null
    await worker.terminate()
    this.#rejectAll(new AudioProblem('deviceLost', 'The sound was stopped.', 'Nothing is wrong: the call was ended.'))
  }

  #ask(what: 'prepare' | 'start' | 'stop'): Promise<AudioStarted | undefined> {
    if (this.#stopped && what !== 'stop') {
      return Promise.reject(new AudioProblem('deviceLost', 'The sound was stopped.', 'Make a new one.'))
    }
    return new Promise((resolve, reject) => {
      const n = this.#n++
      this.#pending.set(n, { resolve, reject })
      this.#send({ do: what, n })
      this.#hold()
    })
  }

  #send(request: WorkerRequest): void {
    this.#worker ??= this.#boot()
    this.#worker.postMessage(request)
  }

  #boot(): Worker {
    const workerData: WorkerSetup = {
      ...this.#choice,
      captured: this.captured.buffer,
      playout: this.playout.buffer,
      stats: this.#board.buffer,
      recording: this.#recording,
    }
    // The program's own flags (such as --input-type) would keep a worker from starting.
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, name: 'sound', execArgv: [] })
    worker.on('message', (reply: WorkerReply) => this.#hear(reply))
    worker.on('error', error => this.#died(error.message))
    worker.on('exit', () => this.#died('its thread ended'))
    worker.unref()
    return worker
  }

  #hear(reply: WorkerReply): void {
    if (reply === 'captured') {
      if (!this.#stopped) this.onCaptured()
    } else if ('recordingEnded' in reply) {
      // Its last words count as well.
      this.onRecordingEnded(fromPlain(reply.recordingEnded))
    } else if ('device' in reply) {
      if (!this.#stopped) this.onDevice(changeFromPlain(reply.device))
    } else {
      const waiting = this.#pending.get(reply.done)
      this.#pending.delete(reply.done)
      if (reply.remark) this.remark = fromPlain(reply.remark)
      if (reply.problem) waiting?.reject(fromPlain(reply.problem))
      else waiting?.resolve(reply.started)
      this.#hold()
    }
  }

  /** The thread keeps the program alive only while it plays or owes an answer. */
  #hold(): void {
    if (this.#started || this.#pending.size > 0) this.#worker?.ref()
    else this.#worker?.unref()
  }

  #died(why: string): void {
    if (!this.#worker) return
    this.#worker = null
    const problem = new AudioProblem('deviceBroken', `The sound failed: ${why}.`, 'Run with --verbose and report this.')
    const inCall = this.#started && !this.#stopped
    this.#started = false
    this.#rejectAll(problem)
    if (inCall) this.onFailed(problem)
  }

  #rejectAll(problem: AudioProblem): void {
    for (const { reject } of this.#pending.values()) reject(problem)
    this.#pending.clear()
  }
}
