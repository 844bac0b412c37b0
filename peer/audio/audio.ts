/**
 * The sound of one call, as the rest of the peer sees it: Opus packets leave through the capture ring, arrive through
 * the playout ring, and everything between a ring and the devices happens elsewhere (a worker thread in the programs,
 * the same process on a virtual clock in the simulated world).
 */
import type { Coding } from './codec.js'
import type { Ring } from './ring.js'

export type DeviceKind = 'microphone' | 'speaker'

/** What became of a device in mid-call. `name`: how the device that is meant now is chosen; `label`: what people call it. */
export type DeviceChange = { readonly device: DeviceKind; readonly name: string; readonly label: string } & (
  | {
      /**
       * The microphone gives nothing, or nobody hears what is played. After a problem named `deviceLost` it is looked for
       * each second; no other takes its place.
       */
      readonly change: 'lost'
      readonly problem: AudioProblem
    }
  /** The one that was lost is there again. */
  | { readonly change: 'back' }
  /** A person had the sound system connect the call to this device instead. */
  | { readonly change: 'moved' }
)

export interface Audio {
  /** The recorder's packets, one each 20 ms from `start` on; with length 0 while muted or while the microphone gives nothing. */
  readonly captured: Ring
  /**
   * Where the receiver puts packets as they come, in any order, second copies too; the player orders them. A packet of
   * length 0 (its `at` doesn't matter) says that the other side is muted: what is missing from now on is no loss.
   */
  readonly playout: Ring
  /** Loads the codec and checks the devices without making a sound, so that `start` is quick. Rejects with an AudioProblem. */
  prepare(): Promise<void>
  /** Opens both devices and begins to record and play. Rejects with an AudioProblem. */
  start(): Promise<AudioStarted>
  setMuted(muted: boolean): void
  /** How packets are encoded from now on, or within some frames. At any time. */
  setCoding(coding: Coding): void
  /** How loud the other side is played: percent, 10 to 200, 100 unless it is set. At any time. */
  setVolume(percent: number): void
  /** The latest figures; cheap, from shared memory. */
  stats(): AudioStats
  /** Stops, finishes files, gives the devices back. May be called at any time, and twice. */
  stop(): Promise<void>
  /** A packet is in `captured`. */
  onCaptured: () => void
  /** A device went, came back or was exchanged in mid-call, and the call goes on. */
  onDevice: (change: DeviceChange) => void
  /** There is no sound any more, and there will be none. */
  onFailed: (problem: AudioProblem) => void
  /** The recording can't go on; the call can. Called once at most, and only by sound that keeps one. */
  onRecordingEnded?: (problem: AudioProblem) => void
  /** What the sound goes on without, once it is prepared; null or absent: nothing is missing. */
  readonly remark?: AudioProblem | null
}

/**
 * When the first sample was taken from the microphone and given to the speaker, by the clock: epoch ms in the programs.
 * And what the devices are.
 */
export interface AudioStarted {
  readonly microphone: { readonly name: string; readonly startedAt: number }
  readonly speaker: { readonly name: string; readonly startedAt: number }
}

/** Counts are totals since `start`. */
export interface AudioStats {
  /** 20 ms frames played, of any kind. */
  readonly framesPlayed: number
  /** Frames whose packet never came or came too late to be played. */
  readonly framesLost: number
  /** Frames made up by concealment. */
  readonly framesConcealed: number
  /** Packets that came after their moment. Part of `framesLost`. */
  readonly framesLate: number
  /** Times that the speaker or the playout buffer ran dry. */
  readonly underruns: number
  /** Sound waiting to be played: ring, jitter buffer and device, ms. */
  readonly bufferMs: number
  /** Variation of the packets' arrival, ms (RFC 3550, section 6.4.1). */
  readonly jitterMs: number
  /** Sound that was played faster or slower to change the delay: by how much, ms. */
  readonly scaledMs: number
  /** RMS of 20 ms as a meter shows it, falling by 20 dB a second, dBFS: -100 (silence) to 0. Out: as it is played, volume included. */
  readonly levelIn: number
  readonly levelOut: number
  /** Packets that a full ring dropped, oldest first. */
  readonly captureDropped: number
  readonly playoutDropped: number
}

export type AudioProblemName =
  | 'noSoundSystem'
  | 'noSuchDevice'
  | 'deviceLost'
  | 'deviceBroken'
  | 'noSuchFile'
  | 'notWav'
  | 'cannotRead'
  | 'cannotWrite'
  | 'fileExists'
  | 'recordingEnded'
  | 'codecBroken'
  | 'denoiseBroken'
  | 'noEchoCanceller'

/** What went wrong with sound: a name for programs, a sentence and a hint for people. */
export class AudioProblem extends Error {
  override readonly name: AudioProblemName
  readonly hint: string

  constructor(name: AudioProblemName, message: string, hint: string) {
    super(message)
    this.name = name
    this.hint = hint
  }
}
