import type { Clock } from '../../protocol/clock.js'
import type { Audio, AudioProblem, AudioStarted, AudioStats, DeviceChange, DeviceKind } from './audio.js'
import type { Codec, Coding, Decoder, Encoder } from './codec.js'
import type { Microphone, Pull, Speaker } from './devices/device.js'
import { NoSpeaker } from './devices/none.js'
import type { EchoCanceller } from './echo-canceller.js'
import { Keeper } from './keeper.js'
import { SILENCE_DB } from './level.js'
import { Player } from './player.js'
import { Recorder } from './recorder.js'
import { Ring } from './ring.js'
import type { VoiceProcessor } from './voice-processor.js'

type Change =
  | { readonly change: 'lost'; readonly problem: AudioProblem }
  | { readonly change: 'back' }
  | { readonly change: 'moved' }

/** What sound is made of. The rings are new ones unless they are given. */
export interface AudioParts {
  readonly clock: Clock
  readonly codec: Codec
  readonly microphone: Microphone
  readonly speaker: Speaker
  /** Between the microphone and the encoder; absent: what is heard is sent as it is. Closed with the sound. */
  readonly processor?: VoiceProcessor
  readonly captured?: Ring
  readonly playout?: Ring
  /** Hears the microphone before the processor does, and the speaker after the player. Closed with the sound. */
  readonly echoCanceller?: EchoCanceller
  /** Hears both sides as they are sent and played. */
  readonly listener?: CallListener
}

/** Both sides of the call: never slow, never throws. Samples are good until it returns; moments are the clock's, ms. */
export interface CallListener {
  /** Called first: what comes is later. */
  start(atMs: number): void
  /** The next 20 ms of our side as they are sent; null: silence, muted or not. `takenMs`: when they were complete. */
  said(frame: Int16Array | null, takenMs: number): void
  /** What the speaker was just given; `dueMs` as in `Pull`. */
  played(block: Int16Array, dueMs: number): void
}

/** Sound in this thread, from parts handed in: what the worker hosts, and what the simulated world uses as it is. */
export class InProcessAudio implements Audio {
  readonly captured: Ring
  readonly playout: Ring
  onCaptured: () => void = () => {}
  onDevice: (change: DeviceChange) => void = () => {}
  /** Nothing ends this sound but `stop`. */
  onFailed: (problem: AudioProblem) => void = () => {}
  readonly #parts: AudioParts
  readonly #encoder: Encoder
  readonly #decoder: Decoder
  readonly #recorder: Recorder
  readonly #player: Player
  readonly #keepers: readonly [Keeper, Keeper]
  /** Plays to nobody while the speaker is gone, so that what comes in is used up in its time. */
  #standIn: NoSpeaker | null = null
  #stopped = false

  constructor(parts: AudioParts) {
    this.#parts = parts
    this.captured = parts.captured ?? Ring.create()
    this.playout = parts.playout ?? Ring.create()
    this.#encoder = parts.codec.createEncoder()
    this.#decoder = parts.codec.createDecoder()
    this.#player = new Player({ ring: this.playout, decoder: this.#decoder })
    this.#recorder = new Recorder({
      clock: parts.clock,
      encoder: this.#encoder,
      ring: this.captured,
      processor: parts.processor,
      onPacket: () => this.onCaptured(),
      onFrame: frame => parts.listener?.said(frame, parts.clock.now() - (parts.processor?.delayMs ?? 0)),
    })
    const { microphone, speaker, clock, echoCanceller } = parts
    const hear = (block: Int16Array) => this.#recorder.write(echoCanceller ? echoCanceller.heard(block) : block)
    const tell = (device: DeviceKind, what: Change) => {
      const { name, label = name } = this.#parts[device]
      this.onDevice({ device, name, label, ...what })
    }
    this.#keepers = [
      new Keeper(clock, microphone, lost => microphone.open(hear, lost), {
        lost: problem => tell('microphone', { change: 'lost', problem }),
        back: () => tell('microphone', { change: 'back' }),
      }),
      new Keeper(clock, speaker, lost => speaker.open(this.#pull, lost), {
        lost: problem => {
          this.#standIn = new NoSpeaker(clock)
          void this.#standIn.open((block, dueMs) => this.#play(block, dueMs))
          tell('speaker', { change: 'lost', problem })
        },
        back: () => tell('speaker', { change: 'back' }),
      }),
    ]
    microphone.onMoved = () => tell('microphone', { change: 'moved' })
    speaker.onMoved = () => tell('speaker', { change: 'moved' })
  }

  readonly #pull: Pull = (block, dueMs) => {
    this.#dismiss()
    this.#play(block, dueMs)
  }

  async prepare(): Promise<void> {
    await Promise.all([this.#parts.microphone.prepare(), this.#parts.speaker.prepare()])
  }

  async start(): Promise<AudioStarted> {
    const { microphone, speaker, listener, clock } = this.#parts
    const [hearing, playing] = this.#keepers
    listener?.start(clock.now())
    this.#recorder.start()
    try {
      const [heard, played] = await Promise.all([hearing.open(), playing.open()])
      return {
        microphone: { name: microphone.name, startedAt: heard },
        speaker: { name: speaker.name, startedAt: played },
      }
    } catch (problem) {
      await this.stop()
      throw problem
    }
  }

  setMuted(muted: boolean): void {
    this.#recorder.setMuted(muted)
  }

  setCoding({ bitrate, expectedLoss }: Coding): void {
    if (this.#stopped) return
    this.#encoder.setBitrate(bitrate)
    this.#encoder.setExpectedLoss(expectedLoss)
  }

  setVolume(percent: number): void {
    this.#player.setVolume(percent)
  }

  stats(): AudioStats {
    const { speaker } = this.#parts
    const played = this.#player.stats()
    return {
      ...played,
      underruns: played.underruns + speaker.underruns,
      bufferMs: played.bufferMs + speaker.latencyMs,
      levelIn: this.#stopped ? SILENCE_DB : this.#recorder.level,
      levelOut: this.#stopped ? SILENCE_DB : played.levelOut,
      captureDropped: this.captured.dropped,
      playoutDropped: this.playout.dropped,
    }
  }

  async stop(): Promise<void> {
    const first = !this.#stopped
    this.#stopped = true
    this.#recorder.stop()
    await Promise.all(this.#keepers.map(keeper => keeper.close()))
    this.#dismiss()
    if (!first) return
    this.#encoder.close()
    this.#decoder.close()
    this.#parts.processor?.close()
    this.#parts.echoCanceller?.close()
  }

  #play(block: Int16Array, dueMs: number): void {
    this.#player.pull(block, dueMs)
    this.#parts.echoCanceller?.played(block)
    this.#parts.listener?.played(block, dueMs)
  }

  #dismiss(): void {
    void this.#standIn?.close()
    this.#standIn = null
  }
}
