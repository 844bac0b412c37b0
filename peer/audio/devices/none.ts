/** No devices at all: a microphone that gives nothing, and a speaker that plays in real time to nobody. */
import type { Clock } from '../../../protocol/clock.js'
import { BLOCK_MS, BLOCK_SAMPLES, type Microphone, type Pull, type Speaker } from './device.js'
import { Pacer } from './pacer.js'

export class NoMicrophone implements Microphone {
  readonly name = 'none'
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async prepare(): Promise<void> {}
  async close(): Promise<void> {}

  /** The recorder's watchdog makes the silence. */
  async open(): Promise<number> {
    return this.#clock.now()
  }
}

export class NoSpeaker implements Speaker {
  readonly name = 'none'
  readonly latencyMs = 0
  readonly underruns = 0
  readonly #clock: Clock
  #pacer: Pacer | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async prepare(): Promise<void> {}

  async open(pull: Pull): Promise<number> {
    const block = new Int16Array(BLOCK_SAMPLES)
    this.#pacer = new Pacer(this.#clock, BLOCK_MS, dueMs => pull(block, dueMs))
    return this.#pacer.start()
  }

  async close(): Promise<void> {
    this.#pacer?.stop()
  }
}
