import { resolve } from 'node:path'
import { AudioProblem } from './audio.js'
import { type DeviceChoice, parseSpeaker } from './choose.js'
import type { CallListener } from './in-process-audio.js'
import { channelsOf, Recording } from './recording.js'
import { RecordingFile } from './recording-file.js'
import type { RecordingChoice } from './worker-messages.js'

/** The recording that the sound's thread keeps: both sides on one time line, into a file. */
export class WorkerRecording {
  readonly listener: CallListener
  readonly #path: string
  readonly #recording: Recording
  readonly #file: RecordingFile

  constructor({ path, form }: RecordingChoice, onEnded: (problem: AudioProblem) => void) {
    this.#path = path
    this.#file = new RecordingFile(path, channelsOf(form), onEnded)
    this.#recording = new Recording(form, samples => this.#file.append(samples))
    this.listener = this.#recording
  }

  /** Throws an AudioProblem where it can't be kept, and leaves nothing behind. */
  prepare(choice: DeviceChoice): void {
    const speaker = parseSpeaker(choice.speaker)
    if (speaker.kind === 'file' && resolve(speaker.path) === resolve(this.#path)) {
      const message = `${this.#path} cannot be both speaker and recording.`
      throw new AudioProblem('cannotWrite', message, 'Name another file with --record.')
    }
    this.#file.check()
  }

  start(): void {
    this.#file.open()
  }

  /** Once the devices have stopped. Never rejects. */
  async stop(): Promise<void> {
    this.#recording.end()
    await this.#file.close()
  }
}
