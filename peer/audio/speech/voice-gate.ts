/** Whether somebody speaks, by level: speech has gaps, and what stands out of them is speech. A steady noise has none. */
import { SILENCE_DB } from '../level.js'
import { BLOCK_S } from './block.js'

/** Speech stands out so far of the noise, dB, and is never under this level, dBFS. */
const ABOVE = 10
const LEAST = -60
/** Within this time speech has a gap between syllables: parts, and s of a part. */
const PARTS = 8
const PART_S = 0.2
/** What stands out for less time, s, is a click or a knock. */
const SUSTAINED_S = 0.03

const PART_BLOCKS = Math.round(PART_S / BLOCK_S)
const SUSTAINED_BLOCKS = Math.round(SUSTAINED_S / BLOCK_S)

export class VoiceGate {
  /** The least level in each part of the last time, dBFS. */
  readonly #least = new Float64Array(PARTS).fill(Number.POSITIVE_INFINITY)
  #blocks = 0
  #loud = 0

  /** A block of this level (dBFS) went by: whether it is speech. `probability`: of voice in it, by who knows more; else 1. */
  note(level: number, probability = 1): boolean {
    // Digital silence is no noise floor: a device gives it as it starts.
    if (level <= SILENCE_DB) {
      this.#loud = 0
      return false
    }
    const part = Math.floor(this.#blocks / PART_BLOCKS) % PARTS
    if (this.#blocks++ % PART_BLOCKS === 0) this.#least[part] = Number.POSITIVE_INFINITY
    if (level < this.#least[part]!) this.#least[part] = level
    let floor = Number.POSITIVE_INFINITY
    for (let i = 0; i < PARTS; i++) if (this.#least[i]! < floor) floor = this.#least[i]!
    const loud = level > LEAST && level > floor + ABOVE && probability > 0.5
    this.#loud = loud ? this.#loud + 1 : 0
    return this.#loud > SUSTAINED_BLOCKS
  }
}
