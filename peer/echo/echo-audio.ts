/**
 * The sound of a peer that says back what it hears, a second later. It has no devices and decodes nothing: the other side's
 * own Opus packets go from the playout ring to the capture ring.
 */
import type { Clock } from '../../protocol/clock.js'
import type { Audio, AudioProblem, AudioStarted, AudioStats, DeviceChange } from '../audio/audio.js'
import { FRAME_MS } from '../audio/codec.js'
import { Pacer } from '../audio/devices/pacer.js'
import { SILENCE_DB } from '../audio/level.js'
import { Ring } from '../audio/ring.js'
import { DelayLine } from './delay-line.js'

/** How much later it is said again, ms. */
export const ECHO_MS = 1_000
const NOTHING = new Uint8Array(0)

export class EchoAudio implements Audio {
  readonly captured = Ring.create()
  readonly playout = Ring.create()
  onCaptured: () => void = () => {}
  onDevice: (change: DeviceChange) => void = () => {}
  onFailed: (problem: AudioProblem) => void = () => {}
  readonly #line = new DelayLine(ECHO_MS / FRAME_MS)
  readonly #pacer: Pacer
  #frames = 0
  #muted = false

  constructor(clock: Clock) {
    this.#pacer = new Pacer(clock, FRAME_MS, () => this.#step())
  }

  async prepare(): Promise<void> {}

  async start(): Promise<AudioStarted> {
    const startedAt = this.#pacer.start()
    return { microphone: { name: 'echo', startedAt }, speaker: { name: 'echo', startedAt } }
  }

  setMuted(muted: boolean): void {
    this.#muted = muted
  }

  /** It has no ears. */
  setVolume(): void {}
  /** What comes back is what was encoded elsewhere. */
  setCoding(): void {}

  /** Nothing is decoded: there are no levels, and nothing is known of what was missing. */
  stats(): AudioStats {
    return {
      framesPlayed: this.#frames,
      framesLost: 0,
      framesConcealed: 0,
      framesLate: 0,
      underruns: 0,
      bufferMs: this.#line.length * FRAME_MS,
      jitterMs: 0,
      scaledMs: 0,
      levelIn: SILENCE_DB,
      levelOut: SILENCE_DB,
      captureDropped: this.captured.dropped,
      playoutDropped: this.playout.dropped,
    }
  }

  async stop(): Promise<void> {
    this.#pacer.stop()
  }

  #step(): void {
    for (let came = this.playout.pop(); came; came = this.playout.pop())
      if (came.payload.length > 0) this.#line.put(came.at, came.payload)
    const opus = this.#line.step()
    this.captured.push(this.#frames++, this.#muted ? NOTHING : opus)
    this.onCaptured()
  }
}
