/**
 * What is done to the voice between the microphone and the encoder: high-pass, noise suppression, automatic gain, limiter.
 * In blocks of 10 ms, two in a frame, so that nothing waits for anything: the only delay is the denoiser's own, 10 ms.
 */
import { limited } from '../gain.js'
import { SILENCE_DB } from '../level.js'
import type { VoiceProcessor } from '../voice-processor.js'
import { AutomaticGain } from './automatic-gain.js'
import { BLOCK_S, BLOCK_SAMPLES } from './block.js'
import type { Denoiser } from './denoiser.js'
import { HighPass } from './high-pass.js'
import { VoiceGate } from './voice-gate.js'

/** So many blocks of silence, and of what was before it there is no more left in the denoiser than the last bit. */
const FORGET_BLOCKS = 3

export interface SpeechProcessorParts {
  /** Null: noise stays. Closed with the processor. */
  readonly denoiser: Denoiser | null
  /** Automatic gain. */
  readonly agc: boolean
}

/** Changes frames in place; makes nothing anew while it runs. */
export class SpeechProcessor implements VoiceProcessor {
  readonly #highPass = new HighPass()
  readonly #denoiser: Denoiser | null
  readonly #gain: AutomaticGain | null
  readonly #gate = new VoiceGate()
  readonly #block = new Float32Array(BLOCK_SAMPLES)
  #clean = true

  constructor({ denoiser, agc }: SpeechProcessorParts) {
    this.#denoiser = denoiser
    this.#gain = agc ? new AutomaticGain() : null
  }

  get delayMs(): number {
    return this.#denoiser ? 1000 * BLOCK_S : 0
  }

  /** The gain just now, dB. */
  get gainDb(): number {
    return this.#gain?.db ?? 0
  }

  process(frame: Int16Array): void {
    const block = this.#block
    this.#clean = false
    for (let at = 0; at < frame.length; at += BLOCK_SAMPLES) {
      for (let i = 0; i < BLOCK_SAMPLES; i++) block[i] = frame[at + i]!
      this.#highPass.apply(block)
      const level = levelOf(block)
      const probability = this.#denoiser ? this.#denoiser.process(block) : 1
      const speech = this.#gate.note(level, probability)
      this.#gain?.apply(block, speech)
      for (let i = 0; i < BLOCK_SAMPLES; i++) frame[at + i] = Math.round(limited(block[i]!))
    }
  }

  /** Costs nothing where there is nothing to forget. What is known of level and noise stays. */
  pause(): void {
    if (this.#clean) return
    this.#clean = true
    this.#highPass.reset()
    for (let n = 0; n < FORGET_BLOCKS; n++) this.#denoiser?.process(this.#block.fill(0))
  }

  close(): void {
    this.#denoiser?.close()
  }
}

/** RMS, dBFS. */
function levelOf(block: Float32Array): number {
  let sum = 0
  for (let i = 0; i < block.length; i++) sum += block[i]! * block[i]!
  return Math.max(SILENCE_DB, 10 * Math.log10(sum / block.length / 32768 ** 2 + 1e-12))
}
