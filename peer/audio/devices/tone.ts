import type { Clock } from '../../../protocol/clock.js'
import { SAMPLE_RATE } from '../codec.js'
import { BLOCK_MS, BLOCK_SAMPLES, type Microphone } from './device.js'
import { Pacer } from './pacer.js'

const HZ = 440
/** Of full scale: a sine at -20 dBFS RMS. */
const PEAK = 0.1 * Math.SQRT2
/** One pulse a second, half of it sound. */
const PULSE_SAMPLES = SAMPLE_RATE
const SOUND_SAMPLES = PULSE_SAMPLES / 2
const RISE_SAMPLES = SAMPLE_RATE / 20

/** A microphone that hears a gentle 440 Hz, on and off each second. */
export class ToneMicrophone implements Microphone {
  readonly name = 'tone'
  readonly #clock: Clock
  #pacer: Pacer | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async prepare(): Promise<void> {}

  async open(onBlock: (samples: Int16Array) => void): Promise<number> {
    let position = 0
    this.#pacer = new Pacer(this.#clock, BLOCK_MS, () => {
      onBlock(Int16Array.from({ length: BLOCK_SAMPLES }, () => sampleAt(position++)))
    })
    return this.#pacer.start()
  }

  async close(): Promise<void> {
    this.#pacer?.stop()
  }
}

/** The sample at a position, -32768 to 32767; each pulse rises and falls over 50 ms. */
function sampleAt(position: number): number {
  const inPulse = position % PULSE_SAMPLES
  if (inPulse >= SOUND_SAMPLES) return 0
  const edge = Math.min(1, inPulse / RISE_SAMPLES, (SOUND_SAMPLES - inPulse) / RISE_SAMPLES)
  const envelope = 0.5 - 0.5 * Math.cos(Math.PI * edge)
  return Math.round(32767 * PEAK * envelope * Math.sin((2 * Math.PI * HZ * position) / SAMPLE_RATE))
}
