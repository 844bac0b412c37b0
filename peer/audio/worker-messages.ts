/** What the main thread and the sound's worker thread say to each other. */
import { reasonOf } from '../../protocol/reason.js'
import { AudioProblem, type AudioProblemName, type AudioStarted, type DeviceChange } from './audio.js'
import type { DeviceChoice } from './choose.js'
import type { Coding } from './codec.js'
import type { RecordingForm } from './recording.js'
import type { SpeechChoice } from './speech/load-speech-processor.js'

/** A recording of the call that is wanted. */
export interface RecordingChoice {
  readonly path: string
  readonly form: RecordingForm
}

/** The devices, and what is done to what the microphone hears. */
export interface SoundChoice extends DeviceChoice {
  /** Of a real microphone; a file and the tone are sent as they are, and so is everything where this is absent. */
  readonly speech?: SpeechChoice
  /** Take what the speaker plays out of what the microphone hears, before anything else. */
  readonly echoCancel?: boolean
}

/** Handed to the worker when it begins. */
export interface WorkerSetup extends SoundChoice {
  readonly captured: SharedArrayBuffer
  readonly playout: SharedArrayBuffer
  readonly stats: SharedArrayBuffer
  readonly recording: RecordingChoice | null
}

export type WorkerRequest =
  | { readonly do: 'prepare' | 'start' | 'stop'; readonly n: number }
  | { readonly do: 'mute'; readonly muted: boolean }
  | { readonly do: 'volume'; readonly percent: number }
  | { readonly do: 'code'; readonly coding: Coding }

/** `captured`: the doorbell, a packet is in the capture ring. `remark`: what the sound does without. */
export type WorkerReply =
  | 'captured'
  | {
      readonly done: number
      readonly started?: AudioStarted
      readonly problem?: PlainProblem
      readonly remark?: PlainProblem
    }
  | { readonly device: PlainChange }
  | { readonly recordingEnded: PlainProblem }

/** A DeviceChange on its way between threads. */
export type PlainChange =
  | Exclude<DeviceChange, { change: 'lost' }>
  | (Omit<Extract<DeviceChange, { change: 'lost' }>, 'problem'> & { readonly problem: PlainProblem })

/** An AudioProblem on its way between threads, which keep no classes. */
export interface PlainProblem {
  readonly name: AudioProblemName
  readonly message: string
  readonly hint: string
}

/** Anything thrown becomes a problem with a name. */
export function toPlain(error: unknown): PlainProblem {
  if (error instanceof AudioProblem) return { name: error.name, message: error.message, hint: error.hint }
  const message = reasonOf(error)
  return { name: 'deviceBroken', message: `The sound failed: ${message}`, hint: 'Run with --verbose and report this.' }
}

export function fromPlain({ name, message, hint }: PlainProblem): AudioProblem {
  return new AudioProblem(name, message, hint)
}

export function plainChange(change: DeviceChange): PlainChange {
  return change.change === 'lost' ? { ...change, problem: toPlain(change.problem) } : change
}

export function changeFromPlain(change: PlainChange): DeviceChange {
  return change.change === 'lost' ? { ...change, problem: fromPlain(change.problem) } : change
}
